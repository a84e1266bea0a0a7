"""Runs whose server is gone: nobody will tell how they ended, so history says that.

A run ends by its pipe's deadline. One that is `running` a while after that lost its server (by
kill -9, say), or its server could not record its end. Should that come after all, it is stored
over what is noted here.
"""

from datetime import datetime, timedelta

from dynamic.models import Pipe, Run
from dynamic.models.run import MARGIN, RUNNING, UNKNOWN

MOST = 1000  # that are marked in one round

CUT_OFF = (
    "The server stopped in the middle of this run, or could not record its end. Nobody knows how "
    "much of it was done: look at what it has written before it is repeated."
)


def mark_unknown(now: datetime) -> int:
    """Mark the runs that can no longer be under way; give how many. Safe to repeat."""
    under_way = Run.objects.filter(status=RUNNING, started_at__lt=now - MARGIN)
    found = list(under_way.values_list("pk", "pipe_id", "started_at"))
    pipes = {pipe_id for _, pipe_id, _ in found}
    deadlines = dict(Pipe.objects.filter(pk__in=pipes).values_list("pk", "deadline"))
    late = [
        pk
        for pk, pipe_id, started_at in found
        # A pipe may have been deleted meanwhile.
        if started_at + timedelta(seconds=deadlines.get(pipe_id, 0)) + MARGIN <= now
    ]
    if not late:
        return 0
    cut_off = Run.objects.filter(pk__in=late[:MOST], status=RUNNING)
    return cut_off.update(status=UNKNOWN, message=CUT_OFF)
