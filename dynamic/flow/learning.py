"""Learn a JSON Schema (Draft 2020-12) from payloads: what all of them match.

It tells of types, and of what objects and lists hold; a property is required where every object at
its place has it. It forbids no more than that: it guesses no formats and no fixed choices, and
objects may hold more. What payloads come in which order makes no difference.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

DEEPEST = 20  # levels of a payload; what is deeper may be anything
MOST_PROPERTIES = 200  # of one object; one with more is a look-up table, of which none is told
MOST_PLACES = 1000  # all that is described
LONGEST_NAME = 100  # characters of a property; a longer one is not told of

_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


class _Place:
    """What was seen at one place of the payloads, which a schema of its own describes."""

    def __init__(self) -> None:
        self._types: set[str] = set()
        self._objects = 0
        self._held: dict[str, int] = {}  # by property: how many objects had it
        self._properties: dict[str, _Place] = {}
        self._items: _Place | None = None

    def see(self, value: Any, levels: int = DEEPEST) -> None:
        self._types.add(_type_of(value))
        if levels == 0:
            return
        if isinstance(value, dict):
            self._see_object(value, levels)
        elif isinstance(value, list) and value:
            self._items = self._items or _Place()
            for item in value:
                self._items.see(item, levels - 1)

    def _see_object(self, value: dict[str, Any], levels: int) -> None:
        self._objects += 1
        for name, held in value.items():
            if len(name) <= LONGEST_NAME:
                self._held[name] = self._held.get(name, 0) + 1
                self._properties.setdefault(name, _Place()).see(held, levels - 1)

    def describe(self) -> tuple[dict[str, Any], list[tuple[dict[str, Any], "_Place"]]]:
        """The schema of this place, and those within it, still empty, with their places."""
        schema: dict[str, Any] = {"type": self._type()} if self._types else {}
        within: list[tuple[dict[str, Any], _Place]] = []
        if 0 < len(self._properties) <= MOST_PROPERTIES:
            schema["properties"] = {name: {} for name in sorted(self._properties)}
            if required := [name for name in sorted(self._held) if self._is_required(name)]:
                schema["required"] = required
            inner = schema["properties"]
            within += [(inner[name], self._properties[name]) for name in inner]
        if self._items:
            schema["items"] = {}
            within.append((schema["items"], self._items))
        return schema, within

    def _type(self) -> str | list[str]:
        seen = self._types - ({"integer"} if "number" in self._types else set())
        types = [name for name in _TYPES if name in seen]
        return types[0] if len(types) == 1 else types

    def _is_required(self, name: str) -> bool:
        return self._held[name] == self._objects


def learn(payloads: Iterable[Any]) -> dict[str, Any]:
    """The schema that all of these payloads (JSON data) match; `{}` where there are none.

    Bounded in depth and size by the constants above: beyond them it says less, not something else.
    """
    root = _Place()
    for payload in payloads:
        root.see(payload)
    learned: dict[str, Any] = {}
    # Level by level: where it is cut short, what is outermost is told.
    waiting = deque([(learned, root)])
    for _ in range(MOST_PLACES):
        if not waiting:
            break
        schema, place = waiting.popleft()
        described, within = place.describe()
        schema.update(described)
        waiting.extend(within)
    return learned


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    # A boolean is an int in Python: it goes first.
    for kind, name in _KINDS.items():
        if isinstance(value, kind):
            return name
    raise TypeError(f"{type(value).__name__} is no JSON data.")


_KINDS = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
