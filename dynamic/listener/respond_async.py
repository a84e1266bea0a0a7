"""`Prefer: respond-async` (RFC 7240 section 4.1): the call is taken, answered 202, and run later.

Its run is stored as `queued` before that, so what was promised outlives the server.
"""

import logging
from collections.abc import Callable
from functools import partial

import orjson
from django.conf import settings
from django.urls import reverse

from apikeys.store import StoreUnreachable
from dynamic.flow.runner import Outcome, Status
from dynamic.listener.answer import Answer, Refusal
from dynamic.listener.callback import callback_of
from dynamic.listener.preferences import RESPOND_ASYNC, asks_not_to_wait
from dynamic.listener.running import Admitted, NotBegun, Perform, PipeRun
from dynamic.models import AsyncCall
from dynamic.models.async_call import KEPT_FOR
from dynamic.models.run import QUEUED
from dynamic.runs.queued import MOST_QUEUED, QueueFull, put

log = logging.getLogger(__name__)


def not_waiting(call: Admitted) -> Perform | None:
    """What is done with the call's run where its caller does not wait; None where it waits.

    Raises Refusal.
    """
    headers = call.input.headers
    is_async = asks_not_to_wait(headers.get("prefer", ""))
    callback_url = callback_of(headers, call.pipe, is_async=is_async)
    return partial(_accept, callback_url) if is_async else None


async def _accept(callback_url: str, run: PipeRun) -> Answer:
    """Queue the run. Raises Refusal."""
    call, answer = _kept_call(run, callback_url), _accepted(run.id)
    also = partial(run.keep_answer, answer) if run.keep_answer else None
    run.is_promised = True
    try:
        await run.runtime.promises.run(_put, run, call, also)
    except StoreUnreachable as error:
        log.error("Run %s may not have been queued: %s", run.id, error)
        raise _may_be_queued(run.id) from None
    except QueueFull:
        run.is_promised = False
        raise _queue_full() from None
    except Exception:
        run.is_promised = False
        log.exception("Run %s was not queued", run.id)
        raise NotBegun from None
    run.runtime.queue.wake()
    return answer


def _put(run: PipeRun, call: AsyncCall, also: Callable[[], None] | None) -> None:
    put(run.finished(QUEUED, Outcome(Status.SUCCESS), None).redacted(), call, also)


def _kept_call(run: PipeRun, callback_url: str) -> AsyncCall:
    given = run.call.input
    call = AsyncCall(
        run_id=run.id,
        pipe_id=run.call.pipe.pipe_id,
        key_public_id=run.call.caller.record.public_id,
        callback_url=callback_url,
        expires_at=run.started_at + KEPT_FOR,
    )
    call.given = {
        "method": given.method,
        "query": given.query,
        "headers": given.headers,
        "payload": given.payload,
    }
    return call


def _accepted(run_id: str) -> Answer:
    path = reverse("run-detail", args=[run_id])
    value = {
        "run": run_id,
        "status": QUEUED,
        "url": settings.SITE_URL + path,
        "answer_url": settings.SITE_URL + reverse("run-answer", args=[run_id]),
    }
    headers = {
        "Location": path,
        "Preference-Applied": RESPOND_ASYNC,
        "Run-Id": run_id,
        "Run-Status": QUEUED,
    }
    return Answer(202, orjson.dumps(value), "application/json", headers)


def _queue_full() -> Refusal:
    detail = f"{MOST_QUEUED} runs of this owner's pipes wait already; try again later."
    return Refusal(503, "queue_full", detail, {"Retry-After": "10"})


def _may_be_queued(run_id: str) -> Refusal:
    return Refusal(
        503,
        "run_not_queued",
        f"The call could not be stored in time, so it may be run or not: look for run {run_id} "
        "before you repeat it.",
        {"Run-Id": run_id},
    )
