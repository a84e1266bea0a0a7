"""A mapping as a flow's document writes it, read into rows; every problem is told, with its place.

map: order
from: "{{ steps.order.data }}"
fields:
  - {to: number, from: order_no, use: [trim, {pad: 8}], default: "none"}
  - {to: source, value: shop}
  - {to: lines, from: items, fields: [{to: sku, from: sku}]}
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dynamic.flow.hints import hint
from dynamic.flow.mapping.literals import literal
from dynamic.flow.mapping.paths import Part, read_source, read_target
from dynamic.flow.mapping.uses import Use, read_use
from dynamic.flow.mapping.written_values import value_text
from dynamic.flow.problems import Path

MOST_FIELDS = 500  # of a table, with those of the tables inside
MOST_MODIFIERS = 20  # of a field
MOST_LEVELS = 5  # of tables inside each other

_KEYS = frozenset({"to", "from", "value", "use", "default", "fields"})

Note = Callable[[Path, str], None]
Target = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One field. Its value comes from a path, or is the text of an expression; `default` is a
    literal, "" for none."""

    target: Target
    source: tuple[Part, ...] | str
    uses: tuple[Use, ...] = ()
    default: str = ""
    rows: "tuple[Row, ...] | None" = None


class Reader:
    """Reads the rows of one step, and notes what is wrong with them."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._count = 0

    def rows(self, fields: Any, path: Path, level: int = 1) -> tuple[Row, ...]:
        """Read a table; what cannot be read is left out."""
        if not isinstance(fields, list) or not fields:
            self._note(path, "fields is a list with at least one field.")
            return ()
        self._count += len(fields)
        if self._count > MOST_FIELDS or level > MOST_LEVELS:
            most = f"at most {MOST_FIELDS} fields, and tables {MOST_LEVELS} deep in each other"
            self._note(path, f"A mapping has {most}.")
            return ()
        rows: list[Row] = []
        taken: set[Target] = set()
        for index, field in enumerate(fields):
            row = self._row(field, (*path, index), level)
            if row is not None:
                self._check_target(row.target, taken, (*path, index, "to"))
                rows.append(row)
        return tuple(rows)

    def _row(self, field: Any, path: Path, level: int) -> Row | None:
        if not isinstance(field, dict):
            self._note(path, "A field is a mapping: to, and from or value.")
            return None
        for key in field.keys() - _KEYS:
            self._note((*path, key), f"The key {key} is not known here.{hint(key, _KEYS)}")
        target = self._path(read_target, field.get("to"), (*path, "to"))
        source = self._source(field, path)
        uses = tuple(self._uses(field.get("use", []), (*path, "use")))
        rows = None
        if "fields" in field:
            rows = self.rows(field["fields"], (*path, "fields"), level + 1)
        default = literal(field["default"]) if "default" in field else ""
        return None if target is None else Row(target, source, uses, default, rows)

    def _source(self, field: dict[str, Any], path: Path) -> tuple[Part, ...] | str:
        if ("from" in field) == ("value" in field):
            self._note(path, "A field has either from, a path, or value.")
        if "from" in field:
            return self._path(read_source, field["from"], (*path, "from")) or ()
        if "value" not in field:
            return ()
        try:
            return value_text(field["value"])
        except ValueError as error:
            self._note((*path, "value"), str(error))
            return "null"

    def _path(self, read: Callable[[str], Any], text: Any, path: Path) -> Any:
        """What a reader of paths makes of it, or None."""
        if text is None and path[-1] == "to":
            self._note(path[:-1], "A field needs to: the name that it gets.")
            return None
        try:
            if not isinstance(text, str):
                raise ValueError(f"{path[-1]} is a text: the path of a field.")
            return read(text)
        except ValueError as error:
            expression = path[-1] == "from" and str(text).lstrip().startswith("{{")
            other = "from is a path without {{ }}: an expression stands in value."
            self._note(path, other if expression else str(error))
            return None

    def _check_target(self, target: Target, taken: set[Target], path: Path) -> None:
        written = ".".join(target)
        if target in taken:
            self._note(path, f"The target {written} is here twice.")
        elif any(target[: len(other)] == other for other in taken):
            self._note(path, f"The target {written} is inside another one’s value.")
        elif any(other[: len(target)] == target for other in taken):
            self._note(path, f"Another target is inside the value of {written}.")
        taken.add(target)

    def _uses(self, value: Any, path: Path) -> Iterator[Use]:
        if not isinstance(value, list) or len(value) > MOST_MODIFIERS:
            self._note(path, f"use is a list of at most {MOST_MODIFIERS} modifiers.")
            return
        for index, item in enumerate(value):
            for found in read_use(item):
                if isinstance(found, Use):
                    yield found
                else:
                    self._note((*path, index), found.message)
