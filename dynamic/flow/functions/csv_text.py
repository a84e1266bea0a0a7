"""CSV (RFC 4180) into rows and back.

Cells are text, exactly as they stand: nothing is taken for a number, nothing trimmed. A cell that
a spreadsheet would run as a formula is left alone, as machines read what flows send.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from dynamic.flow.functions.arguments import (
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_ROWS,
    kind_of,
    options_of,
    quoted,
    text_of,
    written,
)


def parse_csv(text: Any = None, options: Any = None, *_: Any) -> list[Any]:
    """Give a list of objects by the names in the first line, or of lists with `header: false`.

    Empty lines are passed over; the cells that a short line lacks are left out.
    """
    chosen = options_of(options, ("header", "delimiter"))
    header = chosen.get("header", True)
    if not isinstance(header, bool):
        raise ValueError(f"The option header must be true or false, not {kind_of(header)}")
    lines = _lines(text_of(text, "CSV").removeprefix("\ufeff"), _delimiter(chosen))
    if not header:
        return [cells for _line, cells in lines]
    _line, names = next(lines, (0, []))
    name, times = Counter(names).most_common(1)[0] if names else ("", 0)
    if times > 1:
        raise ValueError(f"The first line names the column {quoted(name)} twice")
    return [_record(names, line, cells) for line, cells in lines]


def to_csv(rows: Any = None, options: Any = None, *_: Any) -> str:
    """Write rows, objects or lists, as lines that end with CR LF.

    Objects get a first line with the names of the columns: those of `columns`, else all that the
    objects have, in the order they come up. Null is an empty cell, objects and lists are JSON.
    """
    chosen = options_of(options, ("columns", "delimiter"))
    listed = [rows] if isinstance(rows, dict) else rows  # JSONata makes one row of a list of one
    if not isinstance(listed, list):
        raise ValueError(f"The rows must be a list, not {kind_of(rows)}")
    if len(listed) > MAX_ROWS:
        raise ValueError(f"The CSV has more than {MAX_ROWS:,} rows")
    columns = _columns(chosen.get("columns"), listed)
    output = io.StringIO()
    writer = csv.writer(output, delimiter=_delimiter(chosen))
    for cells in _written_rows(listed, columns):
        writer.writerow(cells)
    return output.getvalue()


def _delimiter(options: dict[str, Any]) -> str:
    delimiter = options.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError("The option delimiter must be one character, no quote and no line break")
    return delimiter


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = cells = 0
    try:
        for row in reader:
            if not row:
                continue
            rows += 1
            cells += len(row)
            if rows > MAX_ROWS or cells > MAX_CELLS:
                raise ValueError(f"The CSV has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells")
            yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(f"The CSV cannot be read at line {reader.line_num}: {error}") from None


def _record(names: list[str], line: int, cells: list[str]) -> dict[str, str]:
    if len(cells) > len(names):
        counts = f"{len(cells)} cells, the first line {len(names)}"
        raise ValueError(f"The CSV has at line {line} {counts}")
    return dict(zip(names, cells, strict=False))


def _columns(given: Any, rows: list[Any]) -> list[str] | None:
    """Give the names of the columns, or None for rows that are lists."""
    if given is None:
        objects = [row for row in rows if isinstance(row, dict)]
        _bound_cells(sum(map(len, objects)))
        names = dict.fromkeys(name for row in objects for name in row)
        return list(names) if names else None
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise ValueError("The option columns must be a list of names")
    return given


def _written_rows(rows: list[Any], columns: list[str] | None) -> Iterator[Iterable[str]]:
    if columns is not None:
        yield columns
    cells = size = 0
    for index, row in enumerate(rows):
        if columns is not None and isinstance(row, dict):
            values = [row.get(name) for name in columns]
        elif isinstance(row, list):
            values = row
        else:
            raise ValueError(f"Row {index} must be an object or a list, not {kind_of(row)}")
        cells += len(values)
        _bound_cells(cells)
        texts: list[str] = []
        for value in values:
            texts.append(written(value))
            size += len(texts[-1]) + 1
            if size > MAX_CHARACTERS:
                raise ValueError(f"The CSV would have more than {MAX_CHARACTERS:,} characters")
        yield texts


def _bound_cells(count: int) -> None:
    if count > MAX_CELLS:
        raise ValueError(f"The CSV would have more than {MAX_CELLS:,} cells")
