"""Runs whose server is gone: nobody will tell how they ended, so history says that.

A run ends by the deadline that its pipe had when it began. One that is `running` a while after that
(`late_at`) lost its server (by kill -9, say), or its server could not record its end. Should that
come after all, it is stored over what is noted here. One that is `queued` may wait as long as it
takes, unless what it is to be run with is gone.
"""

from datetime import datetime

from django.db import transaction

from dynamic.models import AsyncCall, Run
from dynamic.models.async_call import note_ended
from dynamic.models.run import QUEUED, RUNNING, UNKNOWN

MOST = 1000  # that are marked in one round

CUT_OFF = (
    "The server stopped in the middle of this run, or could not record its end. Nobody knows how "
    "much of it was done: look at what it has written before it is repeated."
)


NEVER_BEGUN = "It was never begun: what it was to be run with is gone."


def mark_unknown(now: datetime) -> int:
    """Mark the runs that can no longer be under way; give how many. Safe to repeat."""
    late = Run.objects.filter(status=RUNNING, late_at__lte=now)
    marked = _mark(list(late.values_list("pk", flat=True)), RUNNING, CUT_OFF, now)
    # What is queued is stored together with its call.
    lost = Run.objects.filter(status=QUEUED).exclude(pk__in=AsyncCall.objects.values("pk"))
    return marked + _mark(list(lost.values_list("pk", flat=True)), QUEUED, NEVER_BEGUN, now)


def _mark(run_ids: list[str], status: str, message: str, now: datetime) -> int:
    """Of these runs the ones that still have the status."""
    if not run_ids:
        return 0
    with transaction.atomic():
        still = Run.objects.filter(pk__in=run_ids[:MOST], status=status)
        # Locked, so that no end comes in between.
        marked = list(still.select_for_update().values_list("pk", flat=True))
        Run.objects.filter(pk__in=marked).update(status=UNKNOWN, message=message)
        note_ended(marked, now)
    return len(marked)
