"""How large a JSON Schema is when its references are written out: a measure of what it can cost."""

from typing import Any

ENDLESS = 10**9  # a schema that refers to itself, or is beyond all counting

_REFERENCES = ("$ref", "$dynamicRef")


def written_out_size(schema: Any) -> int:
    """The number of values in the schema, with everything that a reference stands for in its place.

    ENDLESS where it refers to itself in any way, to anything by an anchor or `$id`, or would be
    larger.
    """
    return _Counting(schema).of(schema)


class _Counting:
    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[str, int] = {}  # by pointer; ENDLESS while it is being counted

    def of(self, value: Any) -> int:
        if isinstance(value, dict):
            parts = [self.of(inner) for name, inner in value.items() if name != "$defs"]
            parts += [self._referred(value[name]) for name in _REFERENCES if name in value]
        elif isinstance(value, list):
            parts = [self.of(inner) for inner in value]
        else:
            return 1
        return min(1 + sum(parts), ENDLESS)

    def _referred(self, pointer: Any) -> int:
        if not isinstance(pointer, str) or not pointer.startswith("#/"):
            return ENDLESS
        if pointer not in self._known:
            self._known[pointer] = ENDLESS
            self._known[pointer] = self.of(_at(self._root, pointer))
        return self._known[pointer]


def _at(value: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) in a fragment leads to; None where that is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value
