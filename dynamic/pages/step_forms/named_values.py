"""A form field for an object of named values: a table, or lines of `name::value`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dynamic.pages.rows_field import Row, format_rows, parse_rows
from dynamic.pages.step_forms.written_values import ABSENT, read, show

_PARTS = ("key", "value")


class NamedValuesField(forms.Field):
    """Cleans to a dict, or to ABSENT where there is no row. Its initial value is such a dict.

    `leaves_out`: a row without a value counts for nothing; else it is an error.
    """

    def __init__(self, *, leaves_out: bool = False, **kwargs: Any) -> None:
        attrs = {
            "data-rows": "named",
            "rows": 4,
            "spellcheck": "false",
            "placeholder": "name::value",
        }
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)
        self._leaves_out = leaves_out

    def prepare_value(self, value: Any) -> Any:
        # What was typed stays as it was typed, right or wrong.
        return value if isinstance(value, str) else rows_text(value or {})

    def to_python(self, value: Any) -> Any:
        try:
            rows = parse_rows(value or "", _PARTS)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        found: dict[str, Any] = {}
        for number, row in enumerate(rows, 1):
            if row["key"] in found:
                raise ValidationError(f"Row {number}: the name {row['key']} is there already.")
            if row["value"].strip() or not self._leaves_out:
                found[row["key"]] = self._value(number, row)
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return found or ABSENT

    def _value(self, number: int, row: Row) -> Any:
        if not row["value"].strip():
            raise ValidationError(f'Row {number} has no value: write "" for an empty text.')
        try:
            return read(row["value"])
        except ValidationError as error:
            raise ValidationError(f"Row {number}: {error.messages[0]}") from None


def rows_text(values: dict[str, Any]) -> str:
    """The lines of an object; a value of ABSENT is an empty one, to be filled in."""
    rows = [
        {"key": key, "value": "" if value is ABSENT else show(value, in_one_line=True)}
        for key, value in values.items()
    ]
    return format_rows(rows, _PARTS)
