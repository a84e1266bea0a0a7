"""Runs as a file: CSV for spreadsheets, JSON Lines for programs. In pieces, and so many at most."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.db.models import QuerySet

from dynamic.models import Run
from dynamic.runs.filters import BODIES

MOST_ROWS = 50_000  # of a CSV file
MOST_LINES = 10_000  # of JSON Lines, which hold input, answer and trace
_MOST_COUNTED = 100_000  # of those that are left out
_BATCH = 500
_SMALL_BATCH = 50  # where a run may be as large as a pipe lets it

_COLUMNS = ["id", "started_at", "pipe", "pipe_id", "key", "method", "status", "http_status"]
_COLUMNS += ["ms", "flow_version", "message", "request_id", "address"]
# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else


def as_csv(runs: "QuerySet[Run]", most: int = MOST_ROWS) -> Iterator[str]:
    """The columns of runs, newest first. A last line tells how many are left out."""
    yield _BOM + _line(_COLUMNS)
    rows = runs.defer(*BODIES)
    yield from _pieces(rows, most, _BATCH, lambda run: _line(_cells(run)), _left_out_cell)


def as_json_lines(runs: "QuerySet[Run]", most: int = MOST_LINES) -> Iterator[str]:
    """Everything of each run, one a line. A last line, `{"left_out": …}`, tells how many are not
    there, as `least` where they are too many to be counted."""
    yield from _pieces(runs, most, _SMALL_BATCH, _json_line, _left_out_line)


def as_dict(run: Run) -> dict[str, Any]:
    """All that is known of a run, as JSON data. It has its `pipe` loaded."""
    named = {"pipe": run.pipe.name, "key": run.key_public_id}
    facts = {name: named.get(name, getattr(run, name, None)) for name in _COLUMNS}
    facts["started_at"] = run.started_at.isoformat()
    return facts | {name: getattr(run, name) for name in BODIES}


def _pieces(
    runs: "QuerySet[Run]",
    most: int,
    batch: int,
    line: Callable[[Run], str],
    rest_line: Callable[[int, bool], str],
) -> Iterator[str]:
    """Each piece by a query of its own: no cursor and no transaction stay open meanwhile."""
    runs = runs.select_related("pipe").order_by("-id")
    left, older = most, runs
    while left and (found := list(older[: min(batch, left)])):
        yield "".join(line(run) for run in found)
        left -= len(found)
        older = runs.filter(id__lt=found[-1].pk)
    if not left and (rest := older.order_by("-id")[:_MOST_COUNTED].count()):
        yield rest_line(rest, rest < _MOST_COUNTED)


def _cells(run: Run) -> list[Any]:
    named = {"pipe": run.pipe.name, "key": run.key_public_id, "ms": round(run.ms, 1)}
    cells = {name: named.get(name, getattr(run, name, None)) for name in _COLUMNS}
    cells["started_at"] = run.started_at.isoformat()
    return [_safe(cell) for cell in cells.values()]


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _line(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _json_line(run: Run) -> str:
    return orjson.dumps(as_dict(run)).decode() + "\n"


def _left_out_cell(count: int, is_exact: bool) -> str:
    number = f"{count}" if is_exact else f"At least {count}"
    return _line([f"{number} older runs are left out: export them with an earlier end."])


def _left_out_line(count: int, is_exact: bool) -> str:
    return orjson.dumps({"left_out": count, "least": not is_exact}).decode() + "\n"
