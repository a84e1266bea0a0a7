"""One call of a pipe, from credential to answer: the core that both doors share.

    find credential -> verify key -> pipe -> grants -> body -> run flow -> record -> answer

The order is the contract: nothing is looked up for a malformed credential, nothing is read of the
body before the key is good, and somebody else's pipe is as unknown as one that never was.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from apikeys.limiting import TooMany
from apikeys.notebook import NOTEBOOK
from apikeys.presented import InvalidRequest, parameters
from apikeys.store import StoreUnreachable
from apikeys.verify import Denied
from dynamic.listener.answer import Answer, Refusal, denied, problem, refused
from dynamic.listener.cache import read
from dynamic.listener.early import run_and_go_on
from dynamic.listener.gate import admit, count_call
from dynamic.listener.idempotency import idempotency_key, once
from dynamic.listener.incoming import Call, flow_input
from dynamic.listener.respond_async import not_waiting
from dynamic.listener.running import Admitted, Perform, PipeRun, run_pipe
from dynamic.listener.runtime import Runtime
from dynamic.runs.counts import COUNTS

_READS = frozenset({"GET", "HEAD"})

log = logging.getLogger(__name__)


async def handle(call: Call, runtime: Runtime) -> Answer:
    """Never raises, but for the cancellation of its task."""
    try:
        answer = await _answer(call, runtime)
    except Exception as error:
        answer = _turned_away(error, call.request_id)
        COUNTS.refusals[answer.value["code"]] += 1
    answer.headers["Request-Id"] = call.request_id
    COUNTS.answers[answer.status // 100] += 1
    return answer


def _turned_away(error: Exception, request_id: str) -> Answer:
    if isinstance(error, Denied):
        return denied(error, request_id)
    if isinstance(error, InvalidRequest):
        return problem(400, "invalid_request", str(error), request_id=request_id)
    if isinstance(error, Refusal):
        return refused(error, request_id)
    if isinstance(error, TooMany):
        return refused(_too_many(error), request_id)
    if isinstance(error, StoreUnreachable):
        log.warning("Request %s: the database cannot be reached: %s", request_id, error)
        return refused(unavailable(), request_id)
    log.error("Request %s failed", request_id, exc_info=error)
    return problem(500, "internal_error", "The defect is ours, not yours.", request_id=request_id)


async def _answer(call: Call, runtime: Runtime) -> Answer:
    pairs = parameters(call.query)
    presented, caller, pipe = await admit(call, pairs, runtime)
    window = await count_call(caller, pipe, runtime)
    NOTEBOOK.usage.note(caller, call.method, pipe.pipe_id)
    is_read = call.method in _READS
    body = b"" if is_read else await _body(call, pipe.body_limit, pipe.deadline)
    admitted = Admitted(
        call.request_id,
        call.method,
        presented,
        caller,
        pipe,
        flow_input(call, pairs, body),
        is_read,
    )
    answer = await _work(admitted, body, runtime)
    if window:
        answer.headers.update(window.headers())
    return answer


def _work(call: Admitted, body: bytes, runtime: Runtime) -> Coroutine[Any, Any, Answer]:
    """What comes around the one run; for most pipes, nothing."""
    perform: Perform = _perform_in_place if call.pipe.at_once else _perform
    headers = call.input.headers
    if ("prefer" in headers or "callback-url" in headers) and (accept := not_waiting(call)):
        perform = accept
    elif call.is_read and call.pipe.cache:
        return read(call, call.pipe.cache, runtime, perform)
    run = PipeRun(call, runtime)
    key = None if call.is_read else idempotency_key(call.input.headers)
    return perform(run) if key is None else once(run, key, body, perform)


async def _perform_in_place(run: PipeRun) -> Answer:
    pipe = run.call.pipe
    with await run.runtime.places.take(pipe.pipe_id, pipe.at_once) as run.place:
        return await _perform(run)


async def _perform(run: PipeRun) -> Answer:
    if run.is_recorded_first:
        await run.record_begun()
    runnable = run.call.pipe.runnable
    goes_on = runnable is not None and runnable.program.answers_early
    return await (run_and_go_on(run) if goes_on else run_pipe(run))


async def _body(call: Call, limit: int, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await call.read_body(limit)
    except TimeoutError:
        raise Refusal(
            408, "body_too_slow", f"The body did not arrive within {seconds:g} s."
        ) from None


def _too_many(error: TooMany) -> Refusal:
    return Refusal(429, error.code, str(error), error.window.headers())


def unavailable() -> Refusal:
    return Refusal(
        503, "unavailable", "Keys cannot be checked just now; try again.", {"Retry-After": "1"}
    )
