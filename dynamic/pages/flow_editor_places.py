"""Places in a document as a request names them: JSON such as `["steps", 2, "then", 0]`."""

from typing import Any

import orjson
from django.http import Http404

from dynamic.flow.problems import Path

_LONGEST = 1000  # characters
_HIGHEST = 10_000


def place_of(text: str | None) -> Path:
    """Raises Http404 for what is no place."""
    try:
        parts = orjson.loads((text or "")[:_LONGEST])
    except orjson.JSONDecodeError:
        raise Http404 from None
    return as_place(parts)


def as_place(parts: Any) -> Path:
    if not isinstance(parts, list) or not parts or not all(map(_is_part, parts)):
        raise Http404
    return tuple(parts)


def index_of(value: Any) -> int:
    """An index in a list of steps. Raises Http404."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Http404
    return int(text)


def found(data: Any, place: Path) -> Any:
    """What stands at a place. Raises Http404 where nothing does."""
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            raise Http404 from None
    return data


def _is_part(part: Any) -> bool:
    return isinstance(part, str) or (type(part) is int and 0 <= part < _HIGHEST)
