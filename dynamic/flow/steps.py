"""The kinds of steps a flow is made of: one small class a kind.

Each has `parse`, which reads the step from the document and notes problems, and `run`. A new
kind needs a class with both and an entry in `KINDS`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.answers import answer, no_answer, traced_request, traced_response
from dynamic.flow.api_call import ApiCall
from dynamic.flow.checking import Checking, hint, is_status
from dynamic.flow.document import format_path
from dynamic.flow.exchange import Request, UpstreamFailed
from dynamic.flow.expressions import MISSING, Template, as_text
from dynamic.flow.headers import checked_value
from dynamic.flow.outcome import Outcome, Status
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Entry, State, Step

MAX_STEPS = 500
RESERVED_NAMES = frozenset({"payload", "query", "headers", "method", "steps"})

_ANSWER_STATUS = range(200, 600)
_FAIL_STATUS = range(400, 600)


@dataclass(frozen=True, slots=True)
class Call:
    """`call: name`, `api: system/call`, `with: {…}`, `on_error: fail | continue`.

    `credential: name` chooses one of the system's credentials; without it, the default one.
    """

    kind: ClassVar[str] = "call"
    keys: ClassVar[frozenset[str]] = frozenset({"call", "api", "with", "on_error", "credential"})
    label: str
    api: str
    credential: str
    arguments: Template
    goes_on: bool

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        name = checking.name(step["call"], (*path, "call"), "A call")
        if name in checking.call_names:
            checking.problem((*path, "call"), f"Another call has the name {name} already.")
        checking.call_names.add(name)
        arguments = checking.mapping(step.get("with", {}), (*path, "with"), "The arguments")
        on_error = step.get("on_error", "fail")
        if on_error not in ("fail", "continue"):
            checking.problem((*path, "on_error"), "on_error is fail or continue.")
        credential = step.get("credential", "")
        if not isinstance(credential, str) or "{{" in credential:
            checking.problem((*path, "credential"), "credential is the name of one, as it is.")
            credential = ""
        return cls(
            name,
            checking.api(step.get("api"), (*path, "api")),
            credential,
            checking.template(arguments, (*path, "with")),
            goes_on=on_error == "continue",
        )

    async def run(self, state: State, entry: Entry) -> Outcome | None:
        call = self._api_call(state)
        request = call.request(self.arguments.evaluate(state.scope), self.credential)
        entry["request"] = traced_request(request)
        outcome = await self._exchange(request, call.fine, state, entry)
        return None if self.goes_on else outcome

    async def _exchange(
        self, request: Request, fine: frozenset[int], state: State, entry: Entry
    ) -> Outcome | None:
        """Send, keep the answer, and give the outcome of a call that did not go well."""
        attempts: list[Entry] = []
        try:
            response = await state.send(request, attempts)
        except UpstreamFailed as error:
            state.answer(self.label, no_answer(error))
            entry["error"] = str(error)
            return self._failure(f"had no usable answer: {error}")
        finally:
            if len(attempts) > 1:
                entry["attempts"] = attempts
        is_fine = response.status_code in fine
        state.answer(self.label, answer(response, fine=is_fine))
        entry["response"] = traced_response(response)
        if is_fine:
            return None
        return self._failure(f"was answered with status {response.status_code}.")

    def _failure(self, what: str) -> Outcome:
        message = f"The call {self.label} to {self.api} {what}"
        return Outcome(Status.UPSTREAM_FAILED, message=message)

    def _api_call(self, state: State) -> ApiCall:
        call = state.apis.get((self.api, self.credential))
        if call is None:
            raise StepFailed(f"The API call {self.api} does not exist (any more).")
        return call


@dataclass(frozen=True, slots=True)
class Set:
    """`set: {name: value, …}`: variables, each seeing those before it."""

    kind: ClassVar[str] = "set"
    keys: ClassVar[frozenset[str]] = frozenset({"set"})
    label: str
    variables: tuple[tuple[str, Template], ...]

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "set")
        values = checking.mapping(step["set"], here, "What set holds")
        variables = []
        for name, value in values.items():
            if name in RESERVED_NAMES:
                checking.problem((*here, name), f"The name {name} is taken by the run itself.")
            checking.name(name, (*here, name), "A variable")
            variables.append((name, checking.template(value, (*here, name))))
        return cls(format_path(path), tuple(variables))

    async def run(self, state: State, entry: Entry) -> Outcome | None:
        done: dict[str, Any] = {}
        entry["value"] = done
        for name, template in self.variables:
            value = template.evaluate(state.scope)
            if value is MISSING:
                state.undefine(name)
            else:
                state.define(name, value)
                done[name] = value
        return None


@dataclass(frozen=True, slots=True)
class Return:
    """`return: {status: 200, headers: {…}, body: …}`, all optional: ends the flow well."""

    kind: ClassVar[str] = "return"
    keys: ClassVar[frozenset[str]] = frozenset({"return"})
    label: str
    status: Template
    headers: tuple[tuple[str, Template], ...]
    body: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "return")
        # `- return:` alone is null in YAML and plainly means an empty answer.
        value = {} if step["return"] is None else step["return"]
        parts = checking.mapping(value, here, "What return holds")
        checking.known_keys(parts, here, ("status", "headers", "body"))
        return cls(
            format_path(path),
            checking.status(parts.get("status", 200), (*here, "status"), _ANSWER_STATUS),
            checking.answer_headers(parts.get("headers", {}), (*here, "headers")),
            checking.template(parts.get("body"), (*here, "body")),
        )

    async def run(self, state: State, entry: Entry) -> Outcome | None:
        body = self.body.evaluate(state.scope)
        headers = {}
        for name, template in self.headers:
            value = template.evaluate(state.scope)
            if value is not MISSING and value is not None:
                headers[name] = checked_value(name, as_text(value))
        return Outcome(
            Status.SUCCESS,
            http_status=_status(self.status, state, _ANSWER_STATUS),
            headers=headers,
            body=None if body is MISSING else body,
        )


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
        short = isinstance(step["fail"], str)
        failure = {"message": step["fail"]} if short else step["fail"]
        failure = checking.mapping(failure, here, "What fail holds")
        checking.known_keys(failure, here, ("status", "message", "data"))
        if "message" not in failure:
            checking.problem(here, "fail needs a message.")
        message_path = here if short else (*here, "message")
        return cls(
            format_path(path),
            checking.status(failure.get("status", 422), (*here, "status"), _FAIL_STATUS),
            checking.text(failure.get("message", ""), message_path, "The message"),
            checking.template(failure.get("data"), (*here, "data")),
        )

    async def run(self, state: State, entry: Entry) -> Outcome | None:
        data = self.data.evaluate(state.scope)
        return Outcome(
            Status.FAILED,
            http_status=_status(self.status, state, _FAIL_STATUS),
            message=as_text(self.message.evaluate(state.scope)),
            data=None if data is MISSING else data,
        )


KINDS: dict[str, type[Call | Set | Return | Fail]] = {
    step.kind: step for step in (Call, Set, Return, Fail)
}


def parse_steps(value: Any, path: Path, checking: Checking) -> tuple[Step, ...]:
    """Read a list of steps, noting every problem; what cannot be read is left out."""
    if not isinstance(value, list) or not value:
        checking.problem(path, "steps must be a list with at least one step.")
        return ()
    if len(value) > MAX_STEPS:
        checking.problem(path, f"A flow has at most {MAX_STEPS} steps; here are {len(value)}.")
        return ()
    steps: list[Step] = []
    for index, item in enumerate(value):
        here = (*path, index)
        if steps and isinstance(steps[-1], Return | Fail):
            checking.problem(here, f"This step is unreachable: {steps[-1].kind} ends the flow.")
        step = _parse_step(item, here, checking)
        if step is not None:
            steps.append(step)
    return tuple(steps)


def _parse_step(value: Any, path: Path, checking: Checking) -> Step | None:
    step = checking.mapping(value, path, "A step")
    kinds = [key for key in step if key in KINDS]
    if len(kinds) == 1:
        kind = KINDS[kinds[0]]
        checking.known_keys(step, path, kind.keys)
        return kind.parse(step, path, checking)
    known = ", ".join(sorted(KINDS))
    if kinds:
        checking.problem(path, f"A step is of one kind; this one is {' and '.join(kinds)}.")
    elif step:
        word = next(iter(step))
        checking.problem((*path, word), f"{word} is not a kind of step.{hint(word, KINDS)}")
    elif value == {}:
        checking.problem(path, f"A step needs a kind: one of {known}.")
    return None


def _status(template: Template, state: State, allowed: range) -> int:
    value = template.evaluate(state.scope)
    if not is_status(value, allowed):
        bounds = f"from {allowed.start} to {allowed.stop - 1}"
        raise StepFailed(f"The status must be an integer {bounds}, and it is {value!r:.40}.")
    return int(value)
