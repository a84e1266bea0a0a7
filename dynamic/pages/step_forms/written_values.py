"""Values of a step as people write them in a field, by one rule.

What is JSON (`5`, `true`, `null`, `"5"`, `["a"]`, `{"a": 1}`) is that value. All else is text, and
may hold `{{ expressions }}`. What begins as a list or an object of JSON does and is none is an
error. A text that would be read as something else is shown in quotes, as JSON: so each value comes
back as it was.
"""

from enum import Enum
from typing import Any, Final

import orjson
from django import forms
from django.core.exceptions import ValidationError

from dynamic.flow.values import MAX_EXACT_INTEGER
from dynamic.pages.json_field import JsonField, pretty

RULE = (
    'JSON is that value: 5, true, null, "5", ["a"], {"a": 1}. All else is text, and may hold '
    "{{ expressions }}."
)
_JSON = JsonField()


class Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT  # nothing is written


def read(text: str) -> Any:
    """The value that a text stands for. Raises ValidationError."""
    text = text.replace("\r\n", "\n").strip()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        if text.startswith("[") or (text.startswith("{") and not text.startswith("{{")):
            _JSON.clean(text)  # raises, telling where
        return text
    _JSON.clean(text)
    _refuse_inexact(value)
    return value


def show(value: Any, *, in_one_line: bool = False) -> str:
    """The text that `read` makes this value of."""
    if isinstance(value, str):
        return value if _is_plain(value) else orjson.dumps(value).decode()
    return orjson.dumps(value).decode() if in_one_line else pretty(value)


def put(step: dict[str, Any], key: str, value: Any, default: Any = ABSENT) -> None:
    """Write a value of a step, or take it away. What the default says is not written where it was
    not before."""
    if value is ABSENT:
        step.pop(key, None)
    elif key in step:
        step[key] = step[key] if _is_number_again(step[key], value) else value
    elif type(value) is not type(default) or value != default:
        step[key] = value


class ValueField(forms.CharField):
    """Cleans to the value, or to ABSENT. Its initial value is a text: `show`."""

    def __init__(self, *, lines: int = 1, help_text: str = RULE, **kwargs: Any) -> None:
        attrs = {"rows": lines, "spellcheck": "false", "class": "code value"}
        super().__init__(widget=forms.Textarea(attrs=attrs), help_text=help_text, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return read(text) if text else ABSENT


def _is_plain(text: str) -> bool:
    if not text or text != text.strip() or "\r" in text:
        return False
    try:
        value: Any = read(text)
    except ValidationError:
        return False
    return isinstance(value, str) and value == text


def _is_number_again(was: Any, value: Any) -> bool:
    """Fields of numbers make 2.0 of 2."""
    return type(was) in (int, float) and type(value) in (int, float) and was == value


def _refuse_inexact(value: Any) -> None:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _refuse_inexact(part)
    elif isinstance(value, int) and abs(value) > MAX_EXACT_INTEGER:
        raise ValidationError("An integer beyond 2^53 is not exact: put it in quotes.")
