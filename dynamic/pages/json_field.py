"""A form field for JSON that people write: the error says where it stops to be JSON."""

from typing import Any

import orjson
from django import forms
from django.core.exceptions import ValidationError

MOST_LEVELS = 100


class JsonField(forms.CharField):
    """Cleans to the value, and an empty text to `empty`. Its initial value is a text: `pretty`."""

    def __init__(self, *, empty: Any = None, lines: int = 6, **kwargs: Any) -> None:
        attrs = {"rows": lines, "spellcheck": "false", "class": "code"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **kwargs)
        self._empty = empty

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self._read(text) if text else self._empty

    def _read(self, text: str) -> Any:
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            reason = error.msg.partition(":")[0]
            raise ValidationError(
                f"It is no JSON from line {error.lineno}, column {error.colno}: {reason}."
            ) from None
        _check(value)
        return value


def pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _check(value: Any) -> None:
    """PostgreSQL's JSON refuses the character of the number 0; depth costs recursion everywhere."""
    level = [value]
    for _ in range(MOST_LEVELS):
        texts = [part for part in level if isinstance(part, str)]
        if any("\0" in text for text in texts):
            raise ValidationError("A text in it holds \\u0000, which cannot be kept.")
        level = [part for item in level for part in _parts(item)]
        if not level:
            return
    raise ValidationError(f"It is more than {MOST_LEVELS} levels deep.")


def _parts(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return [*item, *item.values()]
    return item if isinstance(item, list) else []
