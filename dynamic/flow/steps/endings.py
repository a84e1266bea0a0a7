"""`return` and `fail`: the ends of a flow."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking, is_status
from dynamic.flow.document import format_path
from dynamic.flow.expressions import MISSING, Template, as_text
from dynamic.flow.headers import checked_value
from dynamic.flow.outcome import Outcome, Status
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Ending, Entry, State, Step

_ANSWER_STATUS = range(200, 600)
_FAIL_STATUS = range(400, 600)


@dataclass(frozen=True, slots=True)
class Return:
    """`return: {status: 200, headers: {…}, body: …}`, all optional: ends the flow well.

    `then: […]` beside it are steps that are run once the caller has the answer, as far as the
    deadline lets them. Within another flow there is no caller: they are simply run.
    """

    kind: ClassVar[str] = "return"
    keys: ClassVar[frozenset[str]] = frozenset({"return", "then"})
    label: str
    status: Template
    headers: tuple[tuple[str, Template], ...]
    body: Template
    then: tuple[Step, ...]

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "return")
        if "then" in step:
            checking.early_answer(path)
        # `- return:` alone is null in YAML and plainly means an empty answer.
        value = {} if step["return"] is None else step["return"]
        parts = checking.mapping(value, here, "What return holds")
        checking.known_keys(parts, here, ("status", "headers", "body"))
        return cls(
            format_path(path),
            checking.status(parts.get("status", 200), (*here, "status"), _ANSWER_STATUS),
            checking.answer_headers(parts.get("headers", {}), (*here, "headers")),
            checking.template(parts.get("body"), (*here, "body")),
            checking.steps(step, "then", path) if "then" in step else (),
        )

    async def run(self, state: State, entry: Entry) -> Ending | None:
        body = await state.value(self.body)
        headers = {}
        for name, template in self.headers:
            value = await state.value(template)
            if value is not MISSING and value is not None:
                headers[name] = checked_value(name, as_text(value))
        outcome = Outcome(
            Status.SUCCESS,
            http_status=await _status(self.status, state, _ANSWER_STATUS),
            headers=headers,
            body=None if body is MISSING else body,
        )
        return await self._go_on(state, entry, outcome) if self.then else outcome

    async def _go_on(self, state: State, entry: Entry, outcome: Outcome) -> Ending:
        state.answer_caller(outcome)
        after = state.fork()
        entry["then"] = after.trace
        ending = await after.run(self.then)
        return ending if isinstance(ending, Outcome) else outcome


@dataclass(frozen=True, slots=True)
class Fail:
    """`fail: {status: 422, message: …, data: …}` or `fail: text`: ends the flow as failed."""

    kind: ClassVar[str] = "fail"
    keys: ClassVar[frozenset[str]] = frozenset({"fail"})
    label: str
    status: Template
    message: Template
    data: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "fail")
        known = ("status", "message", "data")
        failure, message = checking.worded(step["fail"], here, "fail", known)
        return cls(
            format_path(path),
            checking.status(failure.get("status", 422), (*here, "status"), _FAIL_STATUS),
            message,
            checking.template(failure.get("data"), (*here, "data")),
        )

    async def run(self, state: State, entry: Entry) -> Ending | None:
        data = await state.value(self.data)
        return Outcome(
            Status.FAILED,
            step=self.label,
            http_status=await _status(self.status, state, _FAIL_STATUS),
            message=as_text(await state.value(self.message)),
            data=None if data is MISSING else data,
        )


async def _status(template: Template, state: State, allowed: range) -> int:
    value = await state.value(template)
    if not is_status(value, allowed):
        bounds = f"from {allowed.start} to {allowed.stop - 1}"
        raise StepFailed(f"The status must be an integer {bounds}, and it is {value!r:.40}.")
    return int(value)
