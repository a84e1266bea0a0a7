"""Run a pipe's flow for a call, and see to it that the run is recorded."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from apikeys.presented import Presented
from apikeys.store import StoreUnreachable
from apikeys.verify import Caller
from dynamic.flow.runner import Hooks, Input, Outcome, Status
from dynamic.listener.answer import Answer, Refusal, from_outcome
from dynamic.listener.pipe_limits import Place
from dynamic.listener.pipes import PipeRecord
from dynamic.listener.runtime import Runtime
from dynamic.models.run import RUNNING, new_run_id
from dynamic.outbound.delivery import Journey
from dynamic.runs.recorder import FinishedRun
from dynamic.runs.redaction import Redactor

UNWRITABLE = "The flow's answer cannot be written as JSON: too deep, or not valid Unicode."

_NO_HOOKS = Hooks()

log = logging.getLogger(__name__)


class NotBegun(Refusal):
    """The run could not be stored, so nothing of it was done."""

    def __init__(self) -> None:
        detail = "The run could not be recorded, so it was not begun; try again."
        super().__init__(503, "run_not_begun", detail, {"Retry-After": "1"})


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that passed the gate: who, to which pipe, with what."""

    request_id: str
    method: str
    presented: Presented
    caller: Caller
    pipe: PipeRecord
    input: Input
    is_read: bool


@dataclass(slots=True)
class PipeRun:
    """One run of a pipe, for one call."""

    call: Admitted
    runtime: Runtime
    id: str = field(default_factory=new_run_id)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.perf_counter)
    journey: Journey = field(default_factory=Journey)
    place: Place | None = None  # where the pipe has only so many
    keep_answer: Callable[[Answer], None] | None = None  # committed together with the run's end

    async def flow(self, hooks: Hooks = _NO_HOOKS) -> Outcome:
        pipe = self.call.pipe
        if pipe.runnable is None:
            return Outcome(Status.FLOW_ERROR, message=f"This pipe cannot run: {pipe.fault}")
        self.journey.deadline = asyncio.get_running_loop().time() + pipe.deadline
        return await pipe.runnable.run(self.call.input, self.runtime.delivery, self.journey, hooks)

    def answer(self, outcome: Outcome) -> tuple[Outcome, Answer]:
        """What the caller gets; the outcome is another one where its answer cannot be written."""
        if outcome.status is Status.UPSTREAM_FAILED:  # its message may repeat an upstream's words
            message = Redactor(self._secrets()).clean(outcome.message)
            outcome = replace(outcome, message=message)
        try:
            return outcome, self._answer(outcome)
        except (TypeError, ValueError, RecursionError):
            # What the flow did is done, and its record must not be lost with its answer.
            outcome = Outcome(Status.FLOW_ERROR, message=UNWRITABLE, trace=outcome.trace)
            return outcome, self._answer(outcome)

    def _answer(self, outcome: Outcome) -> Answer:
        call = self.call
        return from_outcome(outcome, self.id, call.request_id, compat=call.pipe.compat)

    @property
    def has_begun(self) -> bool:
        """Whether the flow may have done anything."""
        return self.journey.deadline is not None

    @property
    def is_recorded_first(self) -> bool:
        """Whether history is to know of it before it does anything."""
        runnable = self.call.pipe.runnable
        return not self.call.is_read and runnable is not None and runnable.reaches_out

    async def record_begun(self) -> None:
        """Store that it runs. Raises NotBegun where that cannot be done."""
        try:
            await self.record(RUNNING, Outcome(Status.SUCCESS), None, wait=True)
        except Exception as error:
            # Whatever it was: nothing has been done yet, and nothing will be.
            log.error("Run %s was not begun: %s", self.id, error)
            raise NotBegun from None

    async def record(
        self, status: str, outcome: Outcome, answer: Answer | None, *, wait: bool
    ) -> None:
        """Keep the run as it stands, over what was kept of it before.

        With `wait` this returns once it is stored. Raises StoreUnreachable.
        """
        call = self.call
        row = {
            "id": self.id,
            "owner_id": call.pipe.owner_id,
            "pipe_id": call.pipe.pipe_id,
            "key_public_id": call.caller.record.public_id,
            "request_id": call.request_id,
            "address": call.caller.address or None,
            "flow_version": call.pipe.runnable.version if call.pipe.runnable else None,
            "method": call.method,
            "status": status,
            "http_status": answer.status if answer else None,
            "message": outcome.message,
            "started_at": self.started_at,
            "ms": (time.perf_counter() - self.began) * 1000,
            "input": {
                "query": call.input.query,
                "headers": call.input.headers,
                "payload": call.input.payload,
            },
            "answer": answer.value if answer else None,
            "trace": outcome.trace,
        }
        runnable = call.pipe.runnable
        expectations = runnable.expectations if runnable and answer else None
        also = None
        if self.keep_answer and answer and self.has_begun:
            also = partial(self.keep_answer, answer)
        finished = FinishedRun(row, self._secrets(), expectations, call.pipe.keeping, also)
        await self.runtime.recorder.add(finished, wait=wait)
        if also:
            self.keep_answer = None

    def _secrets(self) -> frozenset[str]:
        secrets = self.journey.secrets | {self.call.presented.text}
        runnable = self.call.pipe.runnable
        return frozenset(secrets | runnable.secrets if runnable else secrets)


async def run_pipe(run: PipeRun) -> Answer:
    """The flow's answer. A write's run is stored before this returns; a read's soon after."""
    outcome, answer = run.answer(await run.flow())
    await record_ended(run, outcome, answer)
    return answer


async def record_ended(run: PipeRun, outcome: Outcome, answer: Answer) -> None:
    """Keep a run whose caller waits. Raises Refusal where it cannot be stored."""
    try:
        await run.record(outcome.status.value, outcome, answer, wait=not run.call.is_read)
    except StoreUnreachable as error:
        log.error("Run %s (%s) was not recorded: %s", run.id, outcome.status, error)
        raise not_recorded(run.id, outcome) from None


def not_recorded(run_id: str, outcome: Outcome) -> Refusal:
    return Refusal(
        503,
        "run_not_recorded",
        f"The run ended ({outcome.status}), but could not be recorded. What it wrote is written: "
        "look before you repeat the call.",
        {"Run-Id": run_id, "Run-Status": outcome.status.value},
    )
