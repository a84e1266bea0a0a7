"""A form field for named values: one text of `label::key::value` lines, or a table of it.

    Article::sku::{{ sku }}         label, key, value
    sku::{{ sku }}                  no label
    ::urn::a::b                     the value is all that follows: a::b
    Note::text::one\\ntwo            `\\n` is a line break, `\\r` a carriage return, `\\\\` a
                                    backslash and `\\:` a colon; any other backslash is itself
    File::doc::{{ pdf }}::a.pdf::application/pdf    of a multipart body: file name, content type

`integrator/static/rows.js` makes a table of it in the browser, by the same rule.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

Row = dict[str, str]

_PARTS = ("label", "key", "value")
_FILE_PARTS = (*_PARTS, "filename", "content_type")
_LINE = "label::key::value"
_FILE_LINE = f"{_LINE}::file name::content type"

_PIECE = re.compile(r"\\[\\nr:]|::|[^\\:]+|.", re.DOTALL)
_MEANS = {r"\\": "\\", r"\n": "\n", r"\r": "\r", r"\:": ":"}

# A backslash that would be read as the beginning of one of these. Before `::` it is one, too.
_BACKSLASH = re.compile(r"\\(?=[\\nr:\n\r])")
_LAST_BACKSLASH = re.compile(r"\\(?=[\\nr:\n\r]|\Z)")
_COLON = re.compile(r":(?=:|\Z)")


class RowsField(forms.Field):
    """Cleans to `[{"label", "key", "value"}, …]`, and takes such a list as its initial value.

    `files` is for multipart bodies: where they are given, its rows also have `filename` and
    `content_type`.
    """

    def __init__(self, *, files: bool = False, **kwargs: Any) -> None:
        attrs = {
            "data-rows": "files" if files else "",
            "rows": 4,
            "spellcheck": "false",
            "placeholder": _FILE_LINE if files else _LINE,
        }
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)
        self._parts = _FILE_PARTS if files else _PARTS

    def prepare_value(self, value: Any) -> Any:
        # What was typed stays as it was typed, right or wrong.
        return value if isinstance(value, str) else format_rows(value or [], self._parts)

    def to_python(self, value: Any) -> list[Row]:
        try:
            return parse_rows(value or "", self._parts)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


def format_rows(rows: Iterable[Mapping[str, str]], parts: tuple[str, ...] = _PARTS) -> str:
    """One line a row, with nothing left to guess: `parse_rows` gives the same rows back.

    Without "label" among the parts, all of a line after its first `::` is the value.
    """
    return "\n".join(_line([row.get(part, "") for part in parts]) for row in rows)


def parse_rows(text: str, parts: tuple[str, ...] = _PARTS) -> list[Row]:
    """Read what was typed; lines end as the browser ends them. ValueError tells the row."""
    if "\0" in text:
        raise ValueError("A row cannot hold the character of the number 0.")
    lines = filter(str.strip, text.replace("\r\n", "\n").split("\n"))
    return [_row(number, line, parts) for number, line in enumerate(lines, 1)]


def _line(texts: list[str]) -> str:
    escaped = [*map(_inner, texts[:-1]), _escaped(_BACKSLASH, texts[-1])]
    while len(escaped) > len(_PARTS) and not escaped[-1]:
        escaped.pop()
    return "::".join(escaped)


def _inner(text: str) -> str:
    """A part that another one may follow."""
    return _COLON.sub(r"\\:", _escaped(_LAST_BACKSLASH, text))


def _escaped(backslash: re.Pattern[str], text: str) -> str:
    return backslash.sub(r"\\\\", text).replace("\n", r"\n").replace("\r", r"\r")


def _row(number: int, line: str, parts: tuple[str, ...]) -> Row:
    texts = _split(line, len(parts))
    shape = "::".join(parts[: len(_PARTS)])
    if len(texts) == 1:
        raise ValueError(f"Row {number} is “{line.strip()[:40]}”: write {shape}.")
    if len(texts) == 2 and parts[0] == "label":
        texts = ["", *texts]
    row = dict(zip(parts, texts, strict=False))
    if not row["key"]:
        raise ValueError(f"Row {number} has no key: write {shape}.")
    return {part: text for part, text in row.items() if text or part in _PARTS}


def _split(line: str, most: int) -> list[str]:
    parts: list[list[str]] = [[]]
    for piece in _PIECE.findall(line):
        if piece == "::" and len(parts) < most:
            parts.append([])
        else:
            parts[-1].append(_MEANS.get(piece, piece))
    return ["".join(part) for part in parts]
