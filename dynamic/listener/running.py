"""Run a pipe's flow for a call, and see to it that the run is recorded."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from apikeys.presented import Presented
from apikeys.store import StoreUnreachable
from apikeys.verify import Caller
from dynamic.flow.exchange import Entry
from dynamic.flow.runner import Hooks, Input, Outcome, Status
from dynamic.listener.answer import Answer, Refusal, from_outcome
from dynamic.listener.pipe_limits import Place
from dynamic.listener.pipes import PipeRecord
from dynamic.models.run import MARGIN, NOT_ENDED, RUNNING, new_run_id
from dynamic.outbound.delivery import Journey
from dynamic.outbound.signing import texts_of
from dynamic.runs.redaction import Redactor
from dynamic.runs.storing import FinishedRun

if TYPE_CHECKING:  # it holds what makes runs
    from dynamic.listener.runtime import Runtime

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
    presented: Presented | None  # None where it was looked at before, and is not at hand
    caller: Caller
    pipe: PipeRecord
    input: Input
    is_read: bool


@dataclass(slots=True)
class PipeRun:
    """One run of a pipe, for one call."""

    call: Admitted
    runtime: "Runtime"
    id: str = field(default_factory=new_run_id)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.perf_counter)
    journey: Journey = field(default_factory=Journey)
    trace: list[Entry] = field(default_factory=list)  # of its steps, as they go
    place: Place | None = None  # where the pipe has only so many
    keep_answer: Callable[[Answer], None] | None = None  # committed together with the run's end
    is_promised: bool = False  # its caller was told, or may have been, that it is run later
    is_given_up: bool = False  # its caller was told that it is not begun

    async def flow(self, hooks: Hooks = _NO_HOOKS) -> Outcome:
        pipe = self.call.pipe
        if pipe.runnable is None:
            return Outcome(Status.FLOW_ERROR, message=f"This pipe cannot run: {pipe.fault}")
        self.journey.deadline = asyncio.get_running_loop().time() + pipe.deadline
        self.runtime.progress.begin(self)
        try:
            return await pipe.runnable.run(
                self.call.input, self.runtime.delivery, self.journey, hooks, self.trace
            )
        finally:
            self.runtime.progress.end(self)

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
        """Whether the flow may have done anything, or may yet."""
        return self.is_promised or self.journey.deadline is not None

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
        self,
        status: str,
        outcome: Outcome,
        answer: Answer | None,
        *,
        wait: bool,
        also: Callable[[], None] | None = None,
    ) -> None:
        """Keep the run as it stands, over what was kept of it before; `also` is committed with it.

        With `wait` this returns once it is stored. Raises StoreUnreachable.
        """
        if self.keep_answer and answer and self.has_begun:
            also = partial(self.keep_answer, answer)
        finished = self.finished(status, outcome, answer, also)
        await self.runtime.recorder.add(finished, wait=wait)
        if also:
            self.keep_answer = None

    def finished(
        self,
        status: str,
        outcome: Outcome,
        answer: Answer | None,
        also: Callable[[], None] | None = None,
    ) -> FinishedRun:
        """Its record, or how far it is."""
        runnable = self.call.pipe.runnable
        expectations = runnable.expectations if runnable and status not in NOT_ENDED else None
        row = self._row(status, outcome, answer)
        return FinishedRun(row, self._secrets(), expectations, self.call.pipe.keeping, also)

    @property
    def is_read(self) -> bool:
        return self.call.is_read

    def so_far(self, trace: list[Any]) -> FinishedRun:
        """Its record while it goes on, with a copy of its steps."""
        row = self._row(RUNNING, Outcome(Status.SUCCESS, trace=trace), None)
        return FinishedRun(row, self._secrets(), keeping=self.call.pipe.keeping, is_progress=True)

    def _row(self, status: str, outcome: Outcome, answer: Answer | None) -> dict[str, Any]:
        call = self.call
        return {
            "id": self.id,
            "owner_id": call.pipe.owner_id,
            "pipe_id": call.pipe.pipe_id,
            "key_public_id": call.caller.record.public_id,
            "request_id": call.request_id,
            "address": call.caller.address or None,
            **began_with(call.pipe, self.started_at),
            "method": call.method,
            "status": status,
            "http_status": answer.status if answer else None,
            "message": outcome.message,
            "ms": (time.perf_counter() - self.began) * 1000,
            "input": {
                "query": call.input.query,
                "headers": call.input.headers,
                "payload": call.input.payload,
            },
            "answer": answer.value if answer else None,
            "trace": outcome.trace,
        }

    def _secrets(self) -> frozenset[str]:
        secrets = set(self.journey.secrets)
        if self.call.presented is not None:
            secrets.add(self.call.presented.text)
        secrets |= texts_of(self.call.pipe.callback_secret)
        runnable = self.call.pipe.runnable
        return frozenset(secrets | runnable.secrets if runnable else secrets)


def began_with(pipe: PipeRecord, started_at: datetime) -> dict[str, Any]:
    """Of the fields of `Run` those that keep how the pipe was when it began: it may be changed."""
    return {
        "flow_id": pipe.flow_id,
        "flow_version": pipe.runnable.version if pipe.runnable else None,
        "started_at": started_at,
        "late_at": late_at(pipe, started_at),
    }


def late_at(pipe: PipeRecord, started_at: datetime) -> datetime:
    """By when a run has ended, and its end is recorded, unless its server is gone."""
    return started_at + timedelta(seconds=pipe.deadline) + MARGIN


Perform = Callable[[PipeRun], Coroutine[Any, Any, Answer]]  # what is done with a run


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
