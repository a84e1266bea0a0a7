"""End a run before its end, if its caller does not wait for it."""

from datetime import datetime
from enum import StrEnum

from dynamic.models import AsyncCall, Run
from dynamic.models.run import RUNNING
from dynamic.runs.queued import cancel_queued

BEFORE_IT_BEGAN = "Cancelled before it began."
UNDER_WAY = "Cancelled while it was under way. What it wrote until then is written."


class Asked(StrEnum):
    """What came of asking."""

    CANCELLED = "cancelled"  # it had not begun, and never will
    ASKED = "asked"  # the server that runs it ends it within moments, unless it ends before that
    ENDED = "ended"  # there is nothing to cancel any more
    NOT_ASYNC = "not_async"  # its caller waits for it: only its deadline ends it


def ask_to_cancel(run_id: str, now: datetime) -> Asked:
    """Cancel a run that is queued; have one that is running cancelled. May be asked again."""
    if cancel_queued(run_id, BEFORE_IT_BEGAN, now):
        return Asked.CANCELLED
    if not Run.objects.filter(pk=run_id, status=RUNNING).exists():
        return Asked.ENDED
    asked = AsyncCall.objects.filter(pk=run_id).update(cancel_asked_at=now)
    return Asked.ASKED if asked else Asked.NOT_ASYNC
