"""One run that was queued: from the queue to its end."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from apikeys.store import StoreUnreachable
from apikeys.verify import Caller, Denied, require_live, require_network
from dynamic.flow.runner import Hooks, Input, Outcome, Status
from dynamic.listener.answer import Answer, Refusal
from dynamic.listener.async_answers import LARGEST_ANSWER
from dynamic.listener.kept_answers import keep
from dynamic.listener.pipes import PipeRecord
from dynamic.listener.rights import require_callable, unknown_pipe
from dynamic.listener.running import Admitted, PipeRun, began_with
from dynamic.models.async_call import note_ended
from dynamic.models.run import CANCELLED, UNKNOWN
from dynamic.runs.cancelling import UNDER_WAY
from dynamic.runs.queued import Waiting, cancel_queued, claim

if TYPE_CHECKING:  # it holds the queue
    from dynamic.listener.runtime import Runtime

STOPPED = "The server stopped in the middle. What the run wrote until then is written."
DEFECT = "A defect of ours ended the run."

log = logging.getLogger(__name__)

Ended = tuple[str, Outcome, Answer | None]


@dataclass(slots=True)
class QueuedRun:
    """One that this process has taken up: to be begun here, unless another one is quicker."""

    waiting: Waiting
    runtime: "Runtime"
    flow: asyncio.Task[Outcome] | None = None
    is_cancelled: bool = False

    def cancel(self) -> None:
        if self.flow is not None:
            self.is_cancelled = True
            self.flow.cancel()

    async def see_through(self, may_begin: Callable[[], bool]) -> bool:
        """Run it; False where it has to wait. Raises StoreUnreachable where it was not begun."""
        waiting, runtime = self.waiting, self.runtime
        try:
            caller, pipe = await self._present()
        except (Denied, Refusal) as error:
            message = f"It was not begun: {error.detail}"
            await runtime.promises.run(cancel_queued, waiting.run_id, message, datetime.now(UTC))
            return True
        place = runtime.places.take_free(pipe.pipe_id, pipe.at_once) if pipe.at_once else None
        if not may_begin() or (pipe.at_once and place is None):
            return False
        with place or nullcontext():
            now = datetime.now(UTC)
            call = await runtime.claims.run(claim, waiting.run_id, began_with(pipe, now))
            if call is not None:
                await self._run(caller, pipe, Input(**call.given), now)
        return True

    async def _present(self) -> tuple[Caller, PipeRecord]:
        """Caller and pipe as they are now. Raises Denied, Refusal or StoreUnreachable."""
        if not self.runtime.watch.fresh:
            raise StoreUnreachable("what this worker remembers is too old to trust")
        waiting = self.waiting
        record = await self.runtime.keys.get(waiting.key_public_id)
        pipe = await self.runtime.pipes.get(waiting.pipe_id)
        if record is None or pipe is None:
            raise unknown_pipe()
        require_live(record, datetime.now(UTC))
        require_network(record, waiting.address)
        caller = Caller(record, "header", waiting.address)
        require_callable(caller, pipe, waiting.method)
        return caller, pipe

    async def _run(self, caller: Caller, pipe: PipeRecord, given: Input, now: datetime) -> None:
        waiting, runtime = self.waiting, self.runtime
        is_read = waiting.method in ("GET", "HEAD")
        call = Admitted(waiting.request_id, waiting.method, None, caller, pipe, given, is_read)
        run = PipeRun(call, runtime, id=waiting.run_id, started_at=now, is_promised=True)
        told: list[Outcome] = []
        # Among these it has a while to end when the server stops.
        self.flow = runtime.afterwards.begin(run.flow(Hooks(answered=told.append)))
        await asyncio.wait((self.flow,))
        status, outcome, answer = self._ended(run, self.flow, told)
        also = partial(_note_ended, run.id, answer)
        try:
            await run.record(status, outcome, answer, wait=True, also=also)
        except StoreUnreachable as error:
            log.error("Run %s (%s) is not recorded yet: %s", run.id, status, error)

    def _ended(self, run: PipeRun, flow: "asyncio.Task[Outcome]", told: list[Outcome]) -> Ended:
        if flow.cancelled():
            status, message = (CANCELLED, UNDER_WAY) if self.is_cancelled else (UNKNOWN, STOPPED)
            return status, Outcome(Status.FLOW_ERROR, message=message, trace=run.trace), None
        if error := flow.exception():
            log.error("Run %s failed", run.id, exc_info=error)
            outcome = Outcome(Status.FLOW_ERROR, message=DEFECT, trace=run.trace)
        else:
            outcome = flow.result()
        if told:  # it answered before its last step
            return outcome.status.value, outcome, run.answer(told[0])[1]
        outcome, answer = run.answer(outcome)
        return outcome.status.value, outcome, answer


def _note_ended(run_id: str, answer: Answer | None) -> None:
    kept = keep(answer, LARGEST_ANSWER) if answer else ""
    note_ended([run_id], datetime.now(UTC), kept)
