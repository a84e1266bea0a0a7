"""`if` and `try`: which steps are run, and what happens when they fail."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.document import format_path
from dynamic.flow.expressions import Template
from dynamic.flow.outcome import Outcome, Status
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Ending, Entry, State, Step
from dynamic.flow.truth import is_true

_Steps = tuple[Step, ...]
_CAUGHT = (Status.FAILED, Status.UPSTREAM_FAILED)


@dataclass(frozen=True, slots=True)
class If:
    """`if: "{{ … }}"`, `then: […]`, `elif: [{if: …, then: […]}, …]`, `else: […]`.

    A condition is true or not as JSONata's `$boolean` says.
    """

    kind: ClassVar[str] = "if"
    keys: ClassVar[frozenset[str]] = frozenset({"if", "then", "elif", "else"})
    label: str
    branches: tuple[tuple[str, Template, _Steps], ...]  # name in the trace, condition, steps
    otherwise: _Steps

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        more = checking.items(step.get("elif", []), (*path, "elif"), "elif")
        parts: list[tuple[str, Any, Path]] = [("then", step, path)]
        parts += [(f"elif[{i}]", item, (*path, "elif", i)) for i, item in enumerate(more)]
        with checking.alternatives() as begin:
            branches = []
            for name, item, here in parts:
                begin()
                if here != path:
                    checking.known_keys(item, here, ("if", "then"))
                condition = checking.expression(item.get("if"), (*here, "if"), "A condition")
                branches.append((name, condition, checking.steps(item, "then", here)))
            begin()
            otherwise = checking.steps(step, "else", path) if "else" in step else ()
        return cls(format_path(path), tuple(branches), otherwise)

    async def run(self, state: State, entry: Entry) -> Ending | None:
        for name, condition, steps in self.branches:
            if is_true(await state.value(condition)):
                entry["taken"] = name
                return await state.run(steps)
        entry["taken"] = "else" if self.otherwise else None
        return await state.run(self.otherwise)


@dataclass(frozen=True, slots=True)
class Try:
    """`try: […]`, `catch: […]`, `as: error`.

    What would end the flow badly (a call without a good answer, a step that cannot do its work,
    `fail`) runs the steps of `catch` instead, which see it as `error`:
    `{message, step, status, data}`. The deadline of the run is not to be caught.
    """

    kind: ClassVar[str] = "try"
    keys: ClassVar[frozenset[str]] = frozenset({"try", "catch", "as"})
    label: str
    steps: _Steps
    variable: str
    handler: _Steps

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        variable = checking.variable(step.get("as", "error"), (*path, "as"), "as")
        with checking.alternatives(apart=False) as begin:
            begin()
            with checking.names.trying():
                steps = checking.steps(step, "try", path)
            begin()
            checking.names.variable(variable, path)
            handler = checking.steps(step, "catch", path)
        return cls(format_path(path), steps, variable, handler)

    async def run(self, state: State, entry: Entry) -> Ending | None:
        caught: dict[str, Any]
        try:
            ending = await state.run(self.steps)
        except StepFailed as failure:
            caught = {"message": str(failure), "step": failure.step, "status": None, "data": None}
        else:
            if not isinstance(ending, Outcome) or ending.status not in _CAUGHT:
                return ending
            caught = {
                "message": ending.message,
                "step": ending.step,
                "status": ending.http_status,
                "data": ending.data,
            }
        entry["caught"] = caught
        state.define(self.variable, caught)
        return await state.run(self.handler)
