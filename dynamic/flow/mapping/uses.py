"""The modifiers of a field as they are written: `[trim, {pad: 8}, {replace: {find: a, by: b}}]`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dynamic.flow.hints import closest
from dynamic.flow.mapping.arguments import Argument
from dynamic.flow.mapping.literals import literal
from dynamic.flow.mapping.modifiers import MODIFIERS, Modifier
from dynamic.flow.problems import Fault

_ABSENT = "()"  # JSONata's nothing
_KNOWN = f"They are {', '.join(MODIFIERS)}."


@dataclass(frozen=True, slots=True)
class Use:
    """A modifier with its arguments as literals of JSONata, by name."""

    modifier: Modifier
    arguments: dict[str, str]


def read_use(item: Any) -> Iterator[Use | Fault]:
    """Give the modifier, or else all that is wrong with it."""
    name, given = item, None
    if isinstance(item, dict) and len(item) == 1:
        name, given = next(iter(item.items()))
    modifier = MODIFIERS.get(name) if isinstance(name, str) else None
    if modifier is None:
        more = closest(str(name), MODIFIERS) or f" {_KNOWN}"
        yield Fault((), f"{str(item)[:60]} is no modifier.{more}")
        return
    try:
        values = named_arguments(modifier, given)
    except ValueError as error:
        yield Fault((), f"{name}: {error}")
        return
    arguments: dict[str, str] = {}
    faults: list[Use | Fault] = []
    for argument in modifier.arguments:
        try:
            arguments[argument.name] = _written(argument, values)
        except ValueError as error:
            faults.append(Fault((), f"{name}: {error}"))
    yield from faults or [Use(modifier, arguments)]


def named_arguments(modifier: Modifier, given: Any) -> dict[str, Any]:
    """The arguments by name: of a mapping, of a list in order, or of the first one alone.

    Raises ValueError with a sentence.
    """
    names = [argument.name for argument in modifier.arguments]
    if isinstance(given, dict):
        if unknown := sorted(given.keys() - set(names)):
            told = f"Its own are {', '.join(names)}." if names else "It has none."
            raise ValueError(f"there is no argument {unknown[0]}. {told}")
        return given
    if given is None:
        return {}
    values = given if isinstance(given, list) else [given]
    if len(values) > len(names):
        raise ValueError(f"it has {len(names) or 'no'} arguments, and here are {len(values)}.")
    return dict(zip(names, values, strict=False))


def _written(argument: Argument, values: dict[str, Any]) -> str:
    if argument.name in values:
        return literal(argument.read(values[argument.name]))
    if argument.required:
        raise ValueError(f"{argument.name} is missing.")
    return _ABSENT if argument.default is None else literal(argument.default)
