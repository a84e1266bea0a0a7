"""Whether what an engine gives is a JSON value of bearable size: the engines do not look."""

import math
from typing import Any

import orjson

from dynamic.flow.engines.seam import EngineError
from dynamic.flow.values import MAX_EXACT_INTEGER, holds_not_finite

MAX_RESULT = 16 * 2**20  # characters of a text, bytes of any other value as JSON

_NOT_FINITE = "gives a number that JSON cannot hold (infinite, or no number)"


def fit(value: Any) -> Any:
    """Give the value, which may be MISSING. Raises EngineError where JSON cannot hold it."""
    match value:
        case bool():
            return value
        case str():
            _check_size(len(value))
            if not value.isascii():
                _as_json(value)
        case int() if abs(value) > MAX_EXACT_INTEGER:
            raise EngineError("gives an integer beyond 2^53, which is not exact. Use text")
        case float() if not math.isfinite(value):
            raise EngineError(_NOT_FINITE)
        case dict() | list():
            text = _as_json(value)
            _check_size(len(text))
            # orjson writes NaN and infinities as null, so only then is a closer look due.
            if b"null" in text and holds_not_finite(value):
                raise EngineError(_NOT_FINITE)
    return value


def _as_json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError as error:
        raise EngineError(f"gives a value that JSON cannot hold: {error}") from None


def _check_size(size: int) -> None:
    if size > MAX_RESULT:
        raise EngineError(f"gives more than {MAX_RESULT // 2**20} MiB. Select less")
