"""`for`, `break` and `continue`."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.document import format_path
from dynamic.flow.expressions import MISSING, Template
from dynamic.flow.gathering import Gathering
from dynamic.flow.outcome import Outcome
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Ending, Entry, Leave, State, Step

MOST_ITEMS = 10_000
MOST_PARALLEL = 50
_MOST_TRACED = 100  # items whose steps are in the trace


@dataclass(frozen=True, slots=True)
class For:
    """`for: line`, `in: "{{ … }}"`, `do: […]`, and `collect: …`, `as: lines`, `parallel: 8`,
    `most: 500` where wanted.

    Items run one after the other, each seeing what those before it set; or so many in parallel,
    and then each sets for itself alone, and `collect` is what leaves the loop. An item that ends
    with `continue` or `break` is not collected. More items than `most` (1,000) fail the step.
    """

    kind: ClassVar[str] = "for"
    keys: ClassVar[frozenset[str]] = frozenset(
        {"for", "in", "do", "collect", "as", "parallel", "most"}
    )
    label: str
    variable: str
    source: Template
    steps: tuple[Step, ...]
    collect: Template | None
    target: str
    parallel: int
    most: int

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        collects = "collect" in step
        if collects != ("as" in step):
            checking.problem(
                path, "collect and as go together: what to keep, and under which name."
            )
        parallel = checking.number(step.get("parallel", 1), (*path, "parallel"), 1, MOST_PARALLEL)
        variable = checking.variable(step["for"], (*path, "for"), "A loop")
        source = checking.expression(step.get("in"), (*path, "in"), "in")
        with checking.loop(variable, path, parallel=parallel > 1):
            steps = checking.steps(step, "do", path)
            collect = checking.template(step["collect"], (*path, "collect")) if collects else None
        target = checking.variable(step["as"], (*path, "as"), "as") if "as" in step else ""
        if target:
            checking.names.variable(target, path)
        return cls(
            format_path(path),
            variable,
            source,
            steps,
            collect,
            target,
            parallel,
            checking.number(step.get("most", 1000), (*path, "most"), 1, MOST_ITEMS),
        )

    async def run(self, state: State, entry: Entry) -> Ending | None:
        items = await self._items(state)
        entry["count"] = len(items)
        entry["items"] = []
        work = _Work(self, state, items, entry)
        if self.parallel == 1:
            outcome = await work.one_by_one()
        else:
            outcome = await work.in_parallel()
        if work.done == len(items):
            entry.pop("done", None)
        if self.target:
            state.define(self.target, work.collected())
        return outcome

    async def _items(self, state: State) -> list[Any]:
        value = await state.value(self.source)
        if value is MISSING or value is None:
            return []
        # JSONata gives a list of one item as the item.
        items = value if isinstance(value, list) else [value]
        if len(items) > self.most:
            raise StepFailed(
                f"The list has {len(items):,} items, and the loop takes {self.most:,} at most."
            )
        return items


class _Ended(Exception):
    """An item of a parallel loop ended the flow: the others are not wanted any more."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class _Work:
    """One loop under way."""

    def __init__(self, loop: For, state: State, items: list[Any], entry: Entry) -> None:
        self._loop = loop
        self._state = state
        self._items = items
        self._entry = entry
        self.done = 0  # items; the entry tells it as long as they are not all
        self._results: dict[int, Any] = {}
        self._gathering = Gathering()

    def collected(self) -> list[Any]:
        return [self._results[index] for index in sorted(self._results)]

    async def one_by_one(self) -> Outcome | None:
        before = self._state.scope
        name = self._loop.variable
        for index in range(len(self._items)):
            child, ending = await self._item(index)
            self._state.scope = child.scope
            if isinstance(ending, Outcome):
                return ending
            if ending is Leave.BREAK:
                break
        if name in before:
            self._state.define(name, before[name])
        else:
            self._state.undefine(name)
        return None

    async def in_parallel(self) -> Outcome | None:
        indices = iter(range(len(self._items)))
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(self._at_once(), len(self._items))):
                    workers.create_task(self._work(indices))
        except BaseExceptionGroup as group:
            first = group.exceptions[0]
            if isinstance(first, _Ended):
                return first.outcome
            raise first from None
        return None

    def _at_once(self) -> int:
        return self._loop.parallel if self._state.hooks.observer is None else 1

    async def _work(self, indices: Iterator[int]) -> None:
        for index in indices:
            _, ending = await self._item(index)
            if isinstance(ending, Outcome):
                raise _Ended(ending)
            if ending is Leave.BREAK:
                for _ in indices:  # nobody begins another one
                    pass

    async def _item(self, index: int) -> tuple[State, Ending | None]:
        child = self._state.fork()
        child.define(self._loop.variable, self._items[index])
        if index < _MOST_TRACED:
            self._entry["items"].append({"item": index, "steps": child.trace})
        ending = await child.run(self._loop.steps)
        if ending is None and self._loop.collect is not None:
            value = await child.value(self._loop.collect)
            self._results[index] = None if value is MISSING else value
            self._gathering.add(self._results[index])
        self.done += 1
        self._entry["done"] = self.done
        return child, ending


@dataclass(frozen=True, slots=True)
class Break:
    """`break:` ends the loop around it; parallel items that are under way are finished."""

    kind: ClassVar[str] = "break"
    keys: ClassVar[frozenset[str]] = frozenset({"break"})
    label: str

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        checking.require_loop(step["break"], path, "break")
        return cls(format_path(path))

    async def run(self, state: State, entry: Entry) -> Ending | None:
        return Leave.BREAK


@dataclass(frozen=True, slots=True)
class Continue:
    """`continue:` goes on with the next item of the loop around it."""

    kind: ClassVar[str] = "continue"
    keys: ClassVar[frozenset[str]] = frozenset({"continue"})
    label: str

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        checking.require_loop(step["continue"], path, "continue")
        return cls(format_path(path))

    async def run(self, state: State, entry: Entry) -> Ending | None:
        return Leave.CONTINUE
