"""May this key call this pipe so? Asked when a call comes, and once more when it begins later."""

from apikeys.verify import Caller
from dynamic.listener.answer import Refusal
from dynamic.listener.pipes import PipeRecord


def unknown_pipe() -> Refusal:
    return Refusal(404, "unknown_pipe", "There is no such pipe.")


def require_callable(caller: Caller, pipe: PipeRecord, method: str) -> None:
    """Raises `Denied` or `Refusal`."""
    if caller.owner_id not in pipe.callers:
        raise unknown_pipe()
    caller.require_pipe(pipe.pipe_id)
    caller.require_method(method)
    if pipe.archived:
        raise Refusal(400, "pipe_archived", "This pipe is archived; its owner can restore it.")
    if not pipe.enabled:
        raise Refusal(400, "pipe_disabled", "This pipe is switched off.")
    if method not in pipe.methods:
        allowed = ", ".join(sorted(pipe.methods))
        raise Refusal(405, "method_not_allowed", f"This pipe takes {allowed}.", {"Allow": allowed})
