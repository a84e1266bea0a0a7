"""What is known of steps while they are edited: their kinds, their keys' order, their lists.

It takes any data, also what no flow could run: a document is edited before it is right.
"""

import re
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]

# The keys of each kind of step, in the order in which they are written.
KEYS: dict[str, tuple[str, ...]] = {
    "call": ("api", "credential", "with", "retry", "on_error"),
    "run": ("flow", "with"),
    "set": (),
    "map": ("from", "fields"),
    "if": ("then", "elif", "else"),
    "for": ("in", "parallel", "most", "do", "collect", "as"),
    "break": (),
    "continue": (),
    "try": ("catch", "as"),
    "log": (),
    "notify": (),
    "sleep": (),
    "return": ("then",),
    "fail": (),
}
_NAMED = ("call", "run")  # `steps.<name>`: names that are unique in a flow
_LISTS = {"if": ("then", "else"), "for": ("do",), "try": ("try", "catch"), "return": ("then",)}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERED = re.compile(r"_[0-9]+$")


def kind_of(step: Any) -> str:
    """Give the kind of a step, or "?" for what has none or several."""
    kinds = [key for key in step if key in KEYS] if isinstance(step, dict) else []
    return kinds[0] if len(kinds) == 1 else "?"


def ranks(step: dict[str, Any]) -> dict[str, int]:
    """Where each key of a step comes: its kind first, then `disabled`, what is unknown last."""
    kind = kind_of(step)
    order = (kind, "disabled", *KEYS.get(kind, ()))
    return {key: order.index(key) if key in order else len(order) for key in step}


def lists_of(step: Any, place: Place) -> Iterator[tuple[Place, list[Any]]]:
    """Give each list of steps that stands directly inside a step, with its place."""
    kind = kind_of(step)
    for key in _LISTS.get(kind, ()):
        if isinstance(step.get(key), list):
            yield (*place, key), step[key]
    more = step.get("elif") if kind == "if" else None
    for index, item in enumerate(more if isinstance(more, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("then"), list):
            yield (*place, "elif", index, "then"), item["then"]


def names_in(step: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Give the name of each call and run in a step and inside it, with its place."""
    kind = kind_of(step)
    if kind in _NAMED and isinstance(step[kind], str) and _NAME.fullmatch(step[kind]):
        yield (*place, kind), step[kind]
    for inner, steps in lists_of(step, place):
        for index, item in enumerate(steps):
            yield from names_in(item, (*inner, index))


def free_name(name: str, taken: set[str]) -> str:
    """Number a name on until it is free: order, order_2, order_3."""
    base = _NUMBERED.sub("", name)
    number = 2
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def without_list(data: Any, steps: Place) -> tuple[Place, dict[str, Any]] | None:
    """Give the step around a list, and what it is without that list; None where it needs it.

    `else` may go, what follows a `return`, and a whole part of `elif` (the last one with its key).
    """
    parent = part(data, steps[:-1])
    if steps[-1] == "else" and kind_of(parent) == "if":
        return steps[:-1], {key: value for key, value in parent.items() if key != "else"}
    if steps[-1] == "then" and kind_of(parent) == "return":
        return steps[:-1], {key: value for key, value in parent.items() if key != "then"}
    if len(steps) > 3 and steps[-3] == "elif" and isinstance(steps[-2], int):
        step = part(data, steps[:-3])
        rest = [item for index, item in enumerate(step["elif"]) if index != steps[-2]]
        others = {key: value for key, value in step.items() if key != "elif" or rest}
        return steps[:-3], others | ({"elif": rest} if rest else {})
    return None


def part(data: Any, place: Place) -> Any:
    """Give what stands at a place. Raises LookupError, where there is nothing."""
    for key in place:
        match data, key:
            case (dict(), str()) if key in data:
                data = data[key]
            case (list(), int()) if 0 <= key < len(data):
                data = data[key]
            case _:
                raise LookupError(place)
    return data
