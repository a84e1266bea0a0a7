"""What counts as true: https://docs.jsonata.org/boolean-functions#boolean."""

from typing import Any

from dynamic.flow.expressions import MISSING


def is_true(value: Any) -> bool:
    """A list is true where one of its items is; nothing, null, 0, "" and {} are not."""
    if value is MISSING:
        return False
    if isinstance(value, list):
        return any(map(is_true, value))
    return bool(value)
