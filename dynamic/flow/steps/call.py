"""`call`: one API call, and what it answers."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from dynamic.flow.answers import answer, no_answer, traced_request, traced_response
from dynamic.flow.api_call import ApiCall
from dynamic.flow.checking import Checking
from dynamic.flow.exchange import Request, UpstreamFailed
from dynamic.flow.expressions import Template
from dynamic.flow.outcome import Outcome, Status
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.retry import RetryRule
from dynamic.flow.state import Ending, Entry, State, waited


@dataclass(frozen=True, slots=True)
class Call:
    """`call: name`, `api: system/call`, `with: {…}`, `on_error: fail | continue`.

    `credential: name` chooses one of the system's credentials; without it, the default one.
    `retry: {attempts: 3}` takes the place of the API call's own retry rule.
    """

    kind: ClassVar[str] = "call"
    keys: ClassVar[frozenset[str]] = frozenset(
        {"call", "api", "with", "on_error", "credential", "retry"}
    )
    label: str
    api: str
    credential: str
    arguments: Template
    goes_on: bool
    retry: RetryRule | None

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        name = checking.answer_name(step["call"], (*path, "call"), "A call")
        on_error = step.get("on_error", "fail")
        if on_error not in ("fail", "continue"):
            checking.problem((*path, "on_error"), "on_error is fail or continue.")
        credential = step.get("credential", "")
        if not isinstance(credential, str) or "{{" in credential:
            checking.problem((*path, "credential"), "credential is the name of one, as it is.")
            credential = ""
        api = checking.api(step.get("api"), (*path, "api"))
        checking.uses.add((api, credential))
        arguments = checking.arguments(step.get("with", {}), (*path, "with"))
        checking.names.answer(name, path)
        return cls(
            name,
            api,
            credential,
            arguments,
            goes_on=on_error == "continue",
            retry=_retry(step, path, checking),
        )

    async def run(self, state: State, entry: Entry) -> Ending | None:
        call = self._api_call(state)
        arguments = await _arguments(self.arguments, state)
        if call.waits:
            request = await waited(call.request, arguments, self.credential)
        else:
            request = call.request(arguments, self.credential)
        if self.retry is not None:
            request = replace(request, retry=self.retry)
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
        return Outcome(Status.UPSTREAM_FAILED, message=message, step=self.label)

    def _api_call(self, state: State) -> ApiCall:
        call = state.apis.get((self.api, self.credential))
        if call is None:
            raise StepFailed(f"The API call {self.api} does not exist (any more).")
        return call


async def _arguments(template: Template, state: State) -> dict[str, Any]:
    """Evaluate `with`. Raises StepFailed where one expression gives something else."""
    arguments = await state.value(template)
    if not isinstance(arguments, dict):
        raise StepFailed("with must give an object of arguments by name.")
    return arguments


def _retry(step: dict[str, Any], path: Path, checking: Checking) -> RetryRule | None:
    if "retry" not in step:
        return None
    try:
        return RetryRule.parse(step["retry"])
    except ValueError as error:
        checking.problem((*path, "retry"), str(error))
        return None
