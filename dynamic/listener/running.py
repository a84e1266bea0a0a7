"""Run a pipe's flow for a call, and see to it that the run is recorded."""

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from apikeys.presented import Presented
from apikeys.store import StoreUnreachable
from apikeys.verify import Caller
from dynamic.flow.runner import Input, Outcome, Status
from dynamic.listener.answer import Answer, Refusal, from_outcome
from dynamic.listener.pipes import PipeRecord
from dynamic.listener.runtime import Runtime
from dynamic.models.run import new_run_id
from dynamic.outbound.delivery import Journey
from dynamic.runs.recorder import FinishedRun
from dynamic.runs.redaction import Redactor

UNWRITABLE = "The flow's answer cannot be written as JSON: too deep, or not valid Unicode."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that passed the gate: who, to which pipe, with what."""

    request_id: str
    method: str
    presented: Presented
    caller: Caller
    pipe: PipeRecord
    input: Input


async def run_pipe(call: Admitted, runtime: Runtime, *, is_read: bool) -> Answer:
    """The flow's answer. A write's run is stored before this returns; a read's soon after."""
    run_id, started_at, begin = new_run_id(), datetime.now(UTC), time.perf_counter()
    journey = Journey(asyncio.get_running_loop().time() + call.pipe.deadline)
    outcome = await _outcome(call, runtime, journey)
    secrets = journey.secrets | {call.presented.text}
    if call.pipe.runnable:
        secrets |= call.pipe.runnable.secrets
    if outcome.status is Status.UPSTREAM_FAILED:  # its message may repeat an upstream's words
        outcome = replace(outcome, message=Redactor(secrets).clean(outcome.message))
    try:
        answer = from_outcome(outcome, run_id, call.request_id)
    except (TypeError, ValueError, RecursionError):
        # What the flow did is done, and its record must not be lost with its answer.
        outcome = Outcome(Status.FLOW_ERROR, message=UNWRITABLE, trace=outcome.trace)
        answer = from_outcome(outcome, run_id, call.request_id)
    row = {
        "id": run_id,
        "owner_id": call.pipe.owner_id,
        "pipe_id": call.pipe.pipe_id,
        "key_public_id": call.caller.record.public_id,
        "request_id": call.request_id,
        "address": call.caller.address or None,
        "flow_version": call.pipe.runnable.version if call.pipe.runnable else None,
        "method": call.method,
        "status": outcome.status.value,
        "http_status": answer.status,
        "message": outcome.message,
        "started_at": started_at,
        "ms": (time.perf_counter() - begin) * 1000,
        "input": {
            "query": call.input.query,
            "headers": call.input.headers,
            "payload": call.input.payload,
        },
        "answer": answer.value,
        "trace": outcome.trace,
    }
    try:
        await runtime.recorder.add(FinishedRun(row, frozenset(secrets)), wait=not is_read)
    except StoreUnreachable as error:
        log.error("Run %s (%s) was not recorded: %s", run_id, outcome.status, error)
        raise _not_recorded(run_id, outcome) from None
    return answer


def _not_recorded(run_id: str, outcome: Outcome) -> Refusal:
    return Refusal(
        503,
        "run_not_recorded",
        f"The run ended ({outcome.status}), but could not be recorded. What it wrote is written: "
        "look before you repeat the call.",
        {"Run-Id": run_id, "Run-Status": outcome.status.value},
    )


async def _outcome(call: Admitted, runtime: Runtime, journey: Journey) -> Outcome:
    runnable = call.pipe.runnable
    if runnable is None:
        return Outcome(Status.FLOW_ERROR, message=f"This pipe cannot run: {call.pipe.fault}")
    return await runnable.run(call.input, runtime.delivery, journey)
