"""A form field for the fields of a mapping: a table, or the text of them as a document has it.

    - {"to": "number", "from": "order_no", "use": ["trim", {"pad": 8}]}
    - {to: source, value: shop}

Any YAML of such a list is read; it is shown with a field a line, each as JSON, of which
`integrator/static/mapping.js` makes a table.
"""

import re
from typing import Any

import orjson
from django import forms
from django.core.exceptions import ValidationError

from dynamic.flow.document import parse
from dynamic.flow.mapping.modifiers import MODIFIERS
from dynamic.flow.problems import DocumentInvalid

_PLACE = re.compile(r"fields\[(\d+)\]")


class MapFieldsField(forms.CharField):
    """Cleans to the list. Its initial value is a text: `fields_text`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "rows": 8,
            "spellcheck": "false",
            "class": "code",
            "data-map-fields": orjson.dumps(_modifiers()).decode(),
        }
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return []
        try:
            return parse(text).data
        except DocumentInvalid as error:
            first = error.problems[0]
            raise ValidationError(f"Line {first.line}: {first.message}") from None


def fields_text(fields: list[Any]) -> str:
    return "\n".join(f"- {orjson.dumps(field).decode()}" for field in fields)


def in_rows(path: str, message: str) -> str:
    """A problem of a field with the row that it is in, of a table in a table with both."""
    rows = " in row ".join(str(int(index) + 1) for index in reversed(_PLACE.findall(path)))
    return f"Row {rows}: {message}" if rows else message


def _modifiers() -> list[dict[str, Any]]:
    """What the table offers to choose from."""
    return [
        {
            "name": name,
            "title": modifier.title,
            "about": modifier.about,
            "arguments": [
                {
                    "name": argument.name,
                    "title": argument.title,
                    "kind": argument.kind,
                    "choices": argument.choices,
                    "default": argument.default,
                    "required": argument.required,
                }
                for argument in modifier.arguments
            ],
        }
        for name, modifier in MODIFIERS.items()
    ]
