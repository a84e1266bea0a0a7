"""`Idempotency-Key`: however often a write is repeated under one key, it is run once.

After the IETF draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-
header, sections 2.6 and 2.7): 409 while the first call is under way, 422 for another request. The
value is taken as it comes, whether or not it is quoted as the draft wants it. It holds for a day,
for one pipe and one key of ours.
"""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import orjson
from django.utils.crypto import salted_hmac

from apikeys.store import StoreUnreachable
from dynamic.listener.answer import Answer, Refusal
from dynamic.listener.kept_answers import keep, kept, kept_status
from dynamic.listener.running import PipeRun, late_at
from dynamic.models.idempotency import KEPT_FOR, IdempotentCall, State, claim, release, settle

HEADER = "idempotency-key"
LARGEST_ANSWER = 256 * 1024  # bytes of body and headers, as JSON, that are kept

_VALUE = re.compile(r"[\x21-\x7e]{1,255}")

log = logging.getLogger(__name__)


def idempotency_key(headers: dict[str, Any]) -> str | None:
    """The header's value; None where there is none. Raises Refusal."""
    value = headers.get(HEADER)
    if value is not None and not _VALUE.fullmatch(value):
        raise Refusal(
            400,
            "invalid_idempotency_key",
            "Send one Idempotency-Key, of 1 to 255 visible ASCII characters without blanks.",
        )
    return value


async def once(
    run: PipeRun, key: str, body: bytes, perform: Callable[[PipeRun], Awaitable[Answer]]
) -> Answer:
    """Perform the run, unless a call came before it under this key: then what that one was told.

    Raises Refusal, and StoreUnreachable where nothing was begun.
    """
    store = run.runtime.promises
    try:
        call, first = await store.run(_claim, run, key, body)
    except StoreUnreachable:
        run.is_given_up = True
        raise
    if first is not None:
        return _repeated(first, call.fingerprint)
    run.keep_answer = partial(_keep, call)
    try:
        answer = await perform(run)
    except Exception:
        if run.has_begun:
            await _attempt(run, settle, call, State.UNKNOWN)
        raise
    finally:
        if not run.has_begun:
            await _attempt(run, release, call)
    return answer


def _claim(run: PipeRun, key: str, body: bytes) -> tuple[IdempotentCall, IdempotentCall | None]:
    admitted = run.call
    call = IdempotentCall(
        pipe_id=admitted.pipe.pipe_id,
        key_public_id=admitted.caller.record.public_id,
        digest=hashlib.sha256(key.encode()).hexdigest(),
        fingerprint=_fingerprint(run, body),
        run_id=run.id,
        late_at=late_at(admitted.pipe, run.started_at),
        expires_at=run.started_at + KEPT_FOR,
    )
    first = claim(call)
    if first is None and run.is_given_up:  # it took too long: nobody is there to perform the run
        release(call)
    return call, first


def _fingerprint(run: PipeRun, body: bytes) -> str:
    """Of all that makes the flow's input, but for the headers, which proxies change.

    With a secret, since a short body could be guessed from its hash.
    """
    given = run.call.input
    head = orjson.dumps([given.method, given.query, given.headers.get("content-type")])
    made = salted_hmac("dynamic.listener.idempotency", head + b"\n" + body, algorithm="sha256")
    return made.hexdigest()


def _keep(call: IdempotentCall, answer: Answer) -> None:
    settle(call, State.ENDED, keep(answer, LARGEST_ANSWER))


async def _attempt(run: PipeRun, work: Callable[..., None], *given: Any) -> None:
    """Note what became of the call. Where that fails, it counts as under way, later as unknown."""
    try:
        await run.runtime.promises.run(work, *given)
    except Exception:
        # Whatever it was, what the caller is told about the run comes first.
        log.exception("The Idempotency-Key of run %s was not settled", run.id)


def _repeated(first: IdempotentCall, fingerprint: str) -> Answer:
    if first.fingerprint != fingerprint:
        raise Refusal(
            422,
            "idempotency_mismatch",
            "This Idempotency-Key was sent before with another method, query or body. "
            "Send another key with another request.",
        )
    if first.state == State.ENDED:
        return _first_answer(first)
    if first.is_unknown:
        raise _unknown(first.run_id)
    raise Refusal(
        409,
        "idempotency_in_progress",
        f"The first call with this Idempotency-Key is still under way, as run {first.run_id}. "
        "Repeat the call later to have its answer.",
        {"Retry-After": "1", "Run-Id": first.run_id, "Run-Status": "running"},
    )


def _first_answer(first: IdempotentCall) -> Answer:
    answer = kept(first.answer)
    if answer is None:
        run_status = kept_status(first.answer)
        raise Refusal(
            409,
            "idempotency_answer_too_large",
            f"The first call with this Idempotency-Key has ended ({run_status}). Its answer was "
            f"too large to be kept: look at run {first.run_id}. Nothing was run again.",
            {"Run-Id": first.run_id, "Run-Status": run_status},
        )
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _unknown(run_id: str) -> Refusal:
    return Refusal(
        409,
        "run_unknown",
        f"The first call with this Idempotency-Key was cut off in the middle of run {run_id}, and "
        "nobody knows how much of it was done. Nothing was run again. Look at what it has written; "
        "to run it once more, send another key.",
        {"Run-Id": run_id, "Run-Status": "unknown"},
    )
