"""What the engine gives, as plain JSON values.

It has a null of its own, lists of its own that know how they came about, and functions as values.
"""

from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from dynamic.flow.engines.jsonata_python_clock import RUNNING, stop

MAX_DEPTH = 500


def is_function(value: Any) -> bool:
    """Tell whether a value is a function or a regular expression."""
    return bool(Utils.is_function(value) or Functions.is_lambda(value) or Functions.is_regex(value))


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(value: Any, depth: int = 0) -> Any:
    """Give a value with nothing of the engine's in it; what has nothing stays the same object.

    A function inside becomes null. A value that shares its parts may be endless when written out,
    so the clock is looked at.
    """
    if type(value) in (str, int, float, bool, type(None)):
        return value
    if isinstance(value, list | dict):
        RUNNING.clock.check()
        if depth > MAX_DEPTH:
            raise stop("It gives a value too deep for JSON.")
        return _members(value, depth + 1) if isinstance(value, dict) else _items(value, depth + 1)
    return None


def _items(value: list[Any], depth: int) -> list[Any]:
    items = [plain(item, depth) for item in value]
    changed = any(new is not old for new, old in zip(items, value, strict=True))
    return items if changed or type(value) is not list else value


def _members(value: dict[str, Any], depth: int) -> dict[str, Any]:
    members = {key: plain(item, depth) for key, item in value.items()}
    return members if any(members[key] is not value[key] for key in value) else value
