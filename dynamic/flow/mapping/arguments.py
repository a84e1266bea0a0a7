"""The arguments of modifiers: what they may be, and what is written for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dynamic.flow.functions.dates import format_date
from dynamic.flow.values import as_text

MOST_CHARACTERS = 1000  # of a text
MOST_PLACES = 10_000  # of a width, a position or a length


@dataclass(frozen=True, slots=True)
class Argument:
    """What a modifier is told: `kind` is one of KINDS. Where `required`, it has no default."""

    name: str
    title: str
    kind: str = "text"
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0  # of a whole number; for a text, its characters

    def read(self, value: Any) -> Any:
        """Give the value as the template takes it. Raises ValueError with a sentence."""
        return KINDS[self.kind](self, value)


def _text(argument: Argument, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{argument.name} is a text.")
    text = as_text(value)
    if not argument.least <= len(text) <= MOST_CHARACTERS:
        few = "must not be empty" if not text else f"has at most {MOST_CHARACTERS:,} characters"
        raise ValueError(f"{argument.name} {few}.")
    return text


def _number(argument: Argument, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{argument.name} is a number.")
    return value


def _nonzero(argument: Argument, value: Any) -> int | float:
    if not _number(argument, value):
        raise ValueError(f"{argument.name} is a number other than 0.")
    return _number(argument, value)


def _whole(argument: Argument, value: Any) -> int:
    right = isinstance(value, int) and not isinstance(value, bool)
    if not right or not argument.least <= value <= MOST_PLACES:
        raise ValueError(
            f"{argument.name} is a whole number from {argument.least} to {MOST_PLACES:,}."
        )
    return int(value)


def _choice(argument: Argument, value: Any) -> str:
    if not isinstance(value, str) or value not in argument.choices:
        raise ValueError(f"{argument.name} is one of {', '.join(argument.choices)}.")
    return value


def _format(argument: Argument, value: Any) -> str:
    text = _text(argument, value)
    try:
        format_date(0, text)
    except ValueError as error:
        raise ValueError(f"{error}.") from None
    return text


def _zone(argument: Argument, value: Any) -> str:
    text = _text(argument, value)
    try:
        format_date(0, "", text)
    except ValueError as error:
        raise ValueError(f"{error}.") from None
    return text


def _table(argument: Argument, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{argument.name} is a mapping.")
    return value


def _any(argument: Argument, value: Any) -> Any:
    return value


KINDS: Mapping[str, Callable[[Argument, Any], Any]] = {
    "text": _text,
    "number": _number,
    "nonzero": _nonzero,
    "whole": _whole,
    "choice": _choice,
    "format": _format,
    "zone": _zone,
    "table": _table,
    "any": _any,
}
