"""A flow that answers before its last step: its caller goes, the run goes on.

The run is stored as `running` when its caller is answered (of a write, before), and once more when
it has ended, so history knows of it also where the server is killed in between.
"""

import asyncio
import logging
from dataclasses import replace

from apikeys.store import StoreUnreachable
from dynamic.flow.runner import Hooks, Outcome, Status
from dynamic.flow.snapshots import snapshot
from dynamic.listener.answer import Answer
from dynamic.listener.running import PipeRun, not_recorded, record_ended
from dynamic.models.run import RUNNING, UNKNOWN

log = logging.getLogger(__name__)


async def run_and_go_on(run: PipeRun) -> Answer:
    """The answer, as soon as the flow gives one. Where too many runs go on already, at its end."""
    told: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    hooks = Hooks() if run.runtime.afterwards.is_full else Hooks(answered=told.set_result)
    flow = run.runtime.afterwards.begin(run.flow(hooks))
    if run.place:
        run.place.keep_until_end_of(flow)
    await asyncio.wait((flow, told), return_when=asyncio.FIRST_COMPLETED)
    if not told.done():
        outcome, answer = run.answer(await flow)
        await record_ended(run, outcome, answer)
        return answer
    outcome, answer = run.answer(told.result())
    try:
        await _record_answer(run, outcome, answer)
    finally:
        run.runtime.afterwards.begin(_record_end(run, flow, outcome, answer), is_record=True)
    return answer


async def _record_answer(run: PipeRun, outcome: Outcome, answer: Answer) -> None:
    try:
        so_far = replace(outcome, trace=snapshot(run.trace))
        await run.record(RUNNING, so_far, answer, wait=not run.call.is_read)
    except StoreUnreachable as error:
        log.error("Run %s was not recorded when it was answered: %s", run.id, error)
        raise not_recorded(run.id, outcome) from None


async def _record_end(
    run: PipeRun, flow: "asyncio.Task[Outcome]", told: Outcome, answer: Answer
) -> None:
    """Keep how the rest went, beside what was answered."""
    await asyncio.wait((flow,))
    status, outcome = _ended(run, flow, told)
    try:
        await run.record(status, outcome, answer, wait=True)
    except StoreUnreachable as error:
        log.error("The end of run %s (%s) was not recorded: %s", run.id, status, error)


def _ended(run: PipeRun, flow: "asyncio.Task[Outcome]", told: Outcome) -> tuple[str, Outcome]:
    if flow.cancelled():
        message = "After the answer: the server stopped."
        return UNKNOWN, replace(told, message=message, trace=run.trace)
    if error := flow.exception():
        log.error("Run %s failed after its answer", run.id, exc_info=error)
        message = "After the answer: a defect of ours ended the run."
        return Status.FLOW_ERROR.value, replace(told, message=message, trace=run.trace)
    return flow.result().status.value, flow.result()
