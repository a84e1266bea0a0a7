"""Read the arguments of a function, within bounds, or say what is wrong with them.

The functions raise ValueError with a sentence; `expressions` puts the expression in front. They
are given what callers and upstreams send, so each takes little time and makes little: a host
function runs to its end, the engine's clock stops nothing inside it.
"""

from collections.abc import Collection
from typing import Any

from dynamic.flow.values import as_text, holds_not_finite

MAX_CHARACTERS = 2**20  # of a text that one call of a function takes or makes
MAX_ROWS = 50_000
MAX_CELLS = 100_000
MAX_QUOTED = 40  # characters of a value that a sentence repeats


def text_of(value: Any, name: str, limit: int = MAX_CHARACTERS) -> str:
    """Give a text argument. Raises ValueError when it is none, or longer than `limit`."""
    if not isinstance(value, str):
        raise ValueError(f"The {name} must be text, not {kind_of(value)}")
    if len(value) > limit:
        raise ValueError(f"The {name} has more than {limit:,} characters")
    return value


def choice_of(value: Any, name: str, choices: Collection[str]) -> str:
    """Give one of the words that an argument may be."""
    if not isinstance(value, str) or value not in choices:
        given = quoted(value) if isinstance(value, str) else kind_of(value)
        raise ValueError(f"The {name} must be one of {', '.join(choices)}, not {given}")
    return value


def options_of(value: Any, names: Collection[str]) -> dict[str, Any]:
    """Give the object of options, whose names must all be known."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"The options must be an object, not {kind_of(value)}")
    for name in value:
        if name not in names:
            raise ValueError(f"There is no option {quoted(name)}, only {' and '.join(names)}")
    return value


def written(value: Any) -> str:
    """Write a value as text: null as nothing, objects and lists as JSON."""
    if isinstance(value, str):
        return value
    if holds_not_finite(value):
        raise ValueError("A number is infinite, or no number, and cannot be written")
    return as_text(value)


def quoted(text: str) -> str:
    return f'"{text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"}"'


def kind_of(value: Any) -> str:
    """Name the kind of a value in a sentence. A function or a regular expression comes as null."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "an object"
