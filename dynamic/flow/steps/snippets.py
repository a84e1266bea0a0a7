"""`run`: another flow, as a part of this one."""

import time
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.expressions import MISSING, Template
from dynamic.flow.isolation.validation import problems_of
from dynamic.flow.outcome import Outcome, Status
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Ending, Entry, State


@dataclass(frozen=True, slots=True)
class Run:
    """`run: name`, `flow: slug`, `with: {…}`: the published version of another flow of the owner.

    `with` is its payload, of any kind, and what it returns is `steps.<name>`, as of a call. Where
    it ends badly, this flow ends so, too.
    """

    kind: ClassVar[str] = "run"
    keys: ClassVar[frozenset[str]] = frozenset({"run", "flow", "with"})
    label: str
    flow: str
    arguments: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        name = checking.answer_name(step["run"], (*path, "run"), "A run")
        flow = checking.flow(step.get("flow"), (*path, "flow"))
        arguments = checking.template(step.get("with", {}), (*path, "with"))
        checking.names.answer(name, path)
        return cls(name, flow, arguments)

    async def run(self, state: State, entry: Entry) -> Ending | None:
        began = time.perf_counter()
        program = state.flows.get(self.flow)
        if program is None:
            raise StepFailed(f"The flow {self.flow} does not exist (any more).")
        given = await state.value(self.arguments)
        payload = None if given is MISSING else given
        if program.schema and (problems := await problems_of(program.schema, payload)):
            first = problems[0]
            where = first["path"] or "the whole"
            raise StepFailed(
                f"The flow {self.flow} does not take this: {where}: {first['message']}"
            )
        inner = state.begin(payload)
        entry["flow"] = self.flow
        entry["steps"] = inner.trace
        outcome = await inner.run(program.steps)
        if not isinstance(outcome, Outcome):
            outcome = Outcome(Status.SUCCESS, http_status=204)
        if outcome.status is not Status.SUCCESS:
            return replace(outcome, message=f"The flow {self.flow}: {outcome.message}")
        state.answer(
            self.label,
            {
                "status": True,
                "status_code": outcome.http_status,
                "data": outcome.body,
                "headers": outcome.headers,
                "ms": (time.perf_counter() - began) * 1000,
            },
        )
        return None
