"""JSON values as expressions give them: none at all, written as text, not fit for JSON."""

import math
from enum import Enum
from typing import Any, Final

import orjson

MAX_EXACT_INTEGER = 2**53 - 1


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING  # what an expression gives that finds nothing; not null


def as_text(value: Any) -> str:
    """Write a JSON value inside a text: strings as they are, null and MISSING as nothing."""
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_EXACT_INTEGER:
        return str(int(value))
    return orjson.dumps(value).decode()


def holds_not_finite(value: Any) -> bool:
    """Tell whether a NaN or an infinity is anywhere in a value."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(holds_not_finite, value.values()))
    return isinstance(value, list) and any(map(holds_not_finite, value))
