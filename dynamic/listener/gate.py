"""Who calls, and may they call this pipe? Everything that is decided before the body is read."""

import re
from datetime import UTC, datetime

from django.conf import settings

from apikeys.presented import Presented, find
from apikeys.store import StoreUnreachable
from apikeys.verify import Caller, Denied, caller_of, claim_of, no_credential
from dynamic.listener.answer import Refusal
from dynamic.listener.incoming import Call
from dynamic.listener.pipes import PipeRecord
from dynamic.listener.runtime import Runtime

_PIPE_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


def credential_of(call: Call, pairs: list[tuple[str, str]]) -> Presented:
    """The one credential of the call. Raises `Denied` or `InvalidRequest`."""
    presented = find(call.headers, pairs, query_allowed=settings.QUERY_CREDENTIALS)
    if presented is None:
        raise no_credential()
    return presented


async def caller_from(call: Call, presented: Presented, runtime: Runtime) -> Caller:
    """Verify the credential. Raises `Denied`, `TooMany` or `StoreUnreachable`."""
    try:
        claim = claim_of(presented, settings.JWT_KEYS)
        if not runtime.watch.fresh:
            raise StoreUnreachable("what this worker remembers is too old to trust")
        if runtime.keys.known(claim.public_id) is None:
            runtime.attempts.check(call.address)
        record = await runtime.keys.get(claim.public_id)
        return caller_of(
            claim, record, presented, call.address, settings.PEPPERS, datetime.now(UTC)
        )
    except Denied as error:
        if error.status == 401:
            runtime.attempts.check(call.address)
            runtime.attempts.count(call.address)
        raise


async def pipe_for(call: Call, caller: Caller, runtime: Runtime) -> PipeRecord:
    """The pipe, where this caller may call it so. Raises `Refusal` or `Denied`."""
    pipe = await runtime.pipes.get(call.pipe_id) if _PIPE_ID.fullmatch(call.pipe_id) else None
    if pipe is None or pipe.owner_id != caller.owner_id:
        raise Refusal(404, "unknown_pipe", "There is no such pipe.")
    caller.require_pipe(pipe.pipe_id)
    caller.require_method(call.method)
    if not pipe.enabled:
        raise Refusal(400, "pipe_disabled", "This pipe is switched off.")
    if call.method not in pipe.methods:
        allowed = ", ".join(sorted(pipe.methods))
        raise Refusal(405, "method_not_allowed", f"This pipe takes {allowed}.", {"Allow": allowed})
    return pipe
