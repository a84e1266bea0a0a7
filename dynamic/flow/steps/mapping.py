"""`map`: one value made into another by a table of fields, without code."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.document import format_path
from dynamic.flow.engines.choice import chosen
from dynamic.flow.engines.seam import Engine
from dynamic.flow.expressions import MISSING, Constant, Template, compile_template
from dynamic.flow.gathering import Gathering
from dynamic.flow.isolation.risk import is_risky
from dynamic.flow.mapping.compiling import to_jsonata
from dynamic.flow.mapping.paths import write_path
from dynamic.flow.mapping.table import Reader, Row
from dynamic.flow.mapping.written_values import by_itself, expressions_in, whole_expression
from dynamic.flow.problems import ExpressionFailed, Path, StepFailed
from dynamic.flow.scanner import MAX_SOURCE
from dynamic.flow.state import Ending, Entry, State, waited

MOST_ITEMS = 10_000
_FIELDS_AT_ONCE = 1000  # of all items of one evaluation: some 10 ms of the 50 that it may take
# Under which name in the scope the table finds what it maps: one that no variable can have.
_MAPPED = "what is mapped"
_SOURCE = f"`{_MAPPED}`"
_SOURCE_MISSING = "{{ payload }}"  # stands in while the problem is told


@dataclass(frozen=True, slots=True)
class Map:
    """`map: name`, `from: "{{ … }}"` and `fields: […]`: a variable out of an object, or a list of
    them out of a list.

    The table is one JSONata expression. Of a list it sees so many items at a time, so that a long
    one is within the bounds of an expression.
    """

    kind: ClassVar[str] = "map"
    keys: ClassVar[frozenset[str]] = frozenset({"map", "from", "fields"})
    label: str
    variable: str
    source: Template
    rows: tuple[Row, ...]
    table: Template

    engine: Engine

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        name = checking.variable(step["map"], (*path, "map"), "A mapping")
        if "from" not in step or "fields" not in step:
            checking.problem(path, "map needs from, what it maps, and fields.")
        source = _source(step.get("from", _SOURCE_MISSING), (*path, "from"), checking)
        rows, table, engine = _table(step.get("fields"), (*path, "fields"), checking)
        checking.names.variable(name, path)
        return cls(format_path(path), name, source, rows, table, engine)

    async def run(self, state: State, entry: Entry) -> Ending | None:
        value = await self._made(state)
        if value is MISSING:
            state.undefine(self.variable)
            entry["value"] = {}
        else:
            state.define(self.variable, value)
            entry["value"] = {self.variable: value}
        return None

    async def _made(self, state: State) -> Any:
        value = await state.value(self.source)
        if not isinstance(value, list):
            return MISSING if value is MISSING else await self._part(state, value)
        if len(value) > MOST_ITEMS:
            raise StepFailed(f"The list has {len(value):,} items, and map takes {MOST_ITEMS:,}.")
        made: list[Any] = []
        gathering = Gathering()
        for start in range(0, len(value), self.at_once):
            part = await self._part(state, value[start : start + self.at_once])
            gathering.add(part)
            made += part
            await asyncio.sleep(0)
        return made

    @property
    def at_once(self) -> int:
        """How many items of a list the table sees at a time."""
        return max(1, _FIELDS_AT_ONCE // max(1, _count(self.rows)))

    async def _part(self, state: State, value: Any) -> Any:
        if self.table.waits:
            return await waited(self.mapped, state.scope, value)
        return self.mapped(state.scope, value)

    def mapped(self, scope: dict[str, Any], value: Any) -> Any:
        """What the table makes of a value, an object or a list of at most `at_once`.

        Raises StepFailed, which names the field that failed.
        """
        scope = {**scope, _MAPPED: value}
        try:
            return self.table.evaluate(scope)
        except ExpressionFailed as error:
            raise self._told(scope) or error from None

    def _told(self, scope: dict[str, Any]) -> StepFailed | None:
        """The same failure, with the field that it comes of, where that fails by itself."""
        for row in self.rows:
            text = to_jsonata(_SOURCE, (row,))
            alone = compile_template(f"{{{{ {text} }}}}", self.engine)
            try:
                alone.evaluate(scope)
            except ExpressionFailed as error:
                reason = str(error).removeprefix(f"The expression {alone} ")
                return StepFailed(f"The field {write_path(row.target)} {reason}")
        return None


def _count(rows: tuple[Row, ...]) -> int:
    """The fields of a table, with those of tables inside."""
    return sum(1 + _count(row.rows or ()) for row in rows)


def _source(value: Any, path: Path, checking: Checking) -> Template:
    try:
        whole_expression(value)
    except ValueError as error:
        checking.problem(path, str(error))
    return checking.template(value, path)


def _table(fields: Any, path: Path, checking: Checking) -> tuple[tuple[Row, ...], Template, Engine]:
    """The rows, their expression, and the engine for it.

    What we write ourselves shares no part of a value more often than there are fields; so a table
    needs a process of its own only where an expression of its author's does (`isolation.risk`),
    which each item of a list has.
    """
    before = len(checking.problems)
    rows = Reader(checking.problem).rows(fields, path) if fields is not None else ()
    engine: Engine = chosen()
    if fields is None or len(checking.problems) > before:
        return rows, Constant(None), engine
    text = to_jsonata(_SOURCE, rows)
    if len(text) > MAX_SOURCE - 100:
        checking.problem(path, "The table is too large. Make two map steps of it.")
        return rows, Constant(None), engine
    texts = [
        (text, place) for value, place in _values(fields, path) for text in expressions_in(value)
    ]
    for each, place in texts:
        checking.names.read(by_itself(each), place)
    if not any(is_risky(f"$map([], function($item) {{ ({each}) }})") for each, _ in texts):
        engine = chosen().engine
    return rows, compile_template(f"{{{{ {text} }}}}", engine), engine


def _values(fields: list[dict[str, Any]], path: Path) -> Iterator[tuple[Any, Path]]:
    """The values of custom fields, of tables inside, too, with their places."""
    for index, field in enumerate(fields):
        if "value" in field:
            yield field["value"], (*path, index, "value")
        yield from _values(field.get("fields", []), (*path, index, "fields"))
