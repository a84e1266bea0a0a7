"""Named values of a request: parameters, headers, form fields."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dynamic.flow.expressions import MISSING, Template, as_text, compile_template
from dynamic.flow.problems import CallInvalid, ExpressionInvalid


@dataclass(frozen=True, slots=True)
class Row:
    """A named value; the value may hold expressions. The last two are for files in a form."""

    key: str
    value: str
    filename: str = ""
    content_type: str = ""


Rows = tuple[tuple[str, Template], ...]


_EXAMPLE = '[{"label": "Article", "key": "sku", "value": "{{ sku }}"}]'


def read_rows(field: str, value: Any) -> list[Row]:
    """Read `[{"label": …, "key": …, "value": …}, …]`. Raises CallInvalid, naming the field."""
    if not isinstance(value, list) or not all(_is_row(row) for row in value):
        raise CallInvalid(field, f"Write a list of rows such as {_EXAMPLE}.")
    return [
        row
        if isinstance(row, Row)
        else Row(
            row["key"], row.get("value", ""), row.get("filename", ""), row.get("content_type", "")
        )
        for row in value
    ]


def _is_row(row: Any) -> bool:
    return isinstance(row, Row) or (
        isinstance(row, dict)
        and "key" in row
        and row.keys() <= {"label", "key", "value", "filename", "content_type"}
        and all(isinstance(text, str) for text in row.values())
    )


def merged(common: list[Row], own: list[Row], *, any_case: bool = False) -> list[Row]:
    """The system's common rows, less those whose key the call sets itself, and the call's own."""

    def name(row: Row) -> str:
        return row.key.lower() if any_case else row.key

    taken = set(map(name, own))
    return [row for row in common if name(row) not in taken] + own


def compile_field(field: str, value: Any) -> Template:
    """Raises CallInvalid, naming the field."""
    try:
        return compile_template(value)
    except ExpressionInvalid as error:
        raise CallInvalid(field, str(error)) from None


def compile_rows(field: str, rows: Sequence[Row]) -> Rows:
    """Raises CallInvalid, naming the field and the row."""
    for index, row in enumerate(rows):
        if not row.key:
            raise CallInvalid(f"{field}[{index}].key", "A row needs a key.")
        if not is_text(row.key):
            raise CallInvalid(f"{field}[{index}].key", "It holds half of a surrogate pair.")
    return tuple(
        (row.key, compile_field(f"{field}[{index}].value", row.value))
        for index, row in enumerate(rows)
    )


def is_text(text: str) -> bool:
    """Whether it can be sent: JSON can say half of a surrogate pair, and no encoding can."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def values(rows: Rows, args: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the rows that have a value: null and nothing leave a row out."""
    for key, template in rows:
        value = template.evaluate(args)
        if value is not MISSING and value is not None:
            yield key, value


def pairs(rows: Rows, args: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the rows as text: a list repeats its key."""
    for key, value in values(rows, args):
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield key, as_text(item)
