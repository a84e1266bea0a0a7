"""Who calls, and may they call this pipe? Everything that is decided before the body is read."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from limits import RateLimitItem

from apikeys.limiting import (
    FAILED,
    LIMITS,
    TooMany,
    Window,
    calls_of_key,
    calls_of_pipe,
    network_of,
)
from apikeys.notebook import NOTEBOOK
from apikeys.presented import Presented, find
from apikeys.store import StoreUnreachable
from apikeys.verify import Caller, Denied, caller_of, claim_of, no_credential
from dynamic.listener.incoming import Call
from dynamic.listener.pipes import PipeRecord
from dynamic.listener.rights import require_callable, unknown_pipe
from dynamic.listener.runtime import Runtime

_PIPE_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


async def admit(
    call: Call, pairs: list[tuple[str, str]], runtime: Runtime
) -> tuple[Presented, Caller, PipeRecord]:
    """The call's one credential, whose it is, and the pipe that it may call so.

    Raises `InvalidRequest`, `Denied`, `Refusal`, `TooMany` or `StoreUnreachable`.
    """
    presented = find(call.headers, pairs, query_allowed=settings.QUERY_CREDENTIALS)
    if presented is None:
        raise no_credential()
    caller = await _caller(call, presented, runtime)
    try:
        pipe = await _pipe(call, caller, runtime)
    except Denied as denied:
        _note(call, caller.record.public_id, denied.reason)
        raise
    return presented, caller, pipe


async def count_call(caller: Caller, pipe: PipeRecord, runtime: Runtime) -> Window | None:
    """Count the call for a key, and for a pipe, that has so many a minute.

    Gives the window of which less is left, None where neither has one. Raises `TooMany`. What is
    too many for the key is not counted for the pipe: one caller would use it up for all.
    """
    most = caller.record.calls_per_minute
    if most is None and not pipe.calls_a_minute:
        return None
    windows = []
    if most is not None:
        windows.append(await _count(calls_of_key(most), caller.record.public_id, runtime))
    if pipe.calls_a_minute:
        windows.append(await _count(calls_of_pipe(pipe.calls_a_minute), pipe.pipe_id, runtime))
    return min(windows, key=lambda window: (window.remaining, -window.seconds))


async def _count(item: RateLimitItem, who: str, runtime: Runtime) -> Window:
    window = await _ask(LIMITS.hit, item, who, runtime)
    if not window.allowed:
        raise TooMany(window)
    return window


async def _caller(call: Call, presented: Presented, runtime: Runtime) -> Caller:
    record = None
    try:
        claim = claim_of(presented, settings.JWT_KEYS)
        if not runtime.watch.fresh:
            raise StoreUnreachable("what this worker remembers is too old to trust")
        record = runtime.keys.known(claim.public_id)
        if record is None:
            # Before the database is asked; a key that we know is not slowed by its neighbour's.
            await _limit_failures(LIMITS.look, call.address, runtime)
            record = await runtime.keys.get(claim.public_id)
        caller = caller_of(
            claim, record, presented, call.address, settings.PEPPERS, datetime.now(UTC)
        )
    except Denied as denied:
        if record:
            _note(call, record.public_id, denied.reason)
        if denied.status == 401:
            await _limit_failures(LIMITS.hit, call.address, runtime)
        raise
    NOTEBOOK.rehashes.note(caller.record, claim)
    return caller


async def _limit_failures(
    ask: Callable[[RateLimitItem, str], Window], address: str, runtime: Runtime
) -> None:
    window = await _ask(ask, FAILED, network_of(address), runtime)
    if not window.allowed:
        raise TooMany(window)


async def _ask(
    ask: Callable[[RateLimitItem, str], Window], item: RateLimitItem, who: str, runtime: Runtime
) -> Window:
    return ask(item, who) if LIMITS.at_once else await runtime.limiting.run(ask, item, who)


async def _pipe(call: Call, caller: Caller, runtime: Runtime) -> PipeRecord:
    pipe = await runtime.pipes.get(call.pipe_id) if _PIPE_ID.fullmatch(call.pipe_id) else None
    if pipe is None or caller.owner_id not in pipe.callers:
        _note(call, caller.record.public_id, "no such pipe")
        raise unknown_pipe()
    require_callable(caller, pipe, call.method)
    return pipe


def _note(call: Call, public_id: str, reason: str) -> None:
    """For the key's owner, who may look it up by the answer's Request-Id."""
    NOTEBOOK.denials.note(
        public_id,
        reason,
        request_id=call.request_id,
        address=call.address,
        pipe_id=call.pipe_id if _PIPE_ID.fullmatch(call.pipe_id) else "",
    )
