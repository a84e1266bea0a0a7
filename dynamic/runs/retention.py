"""Forget runs that their pipes keep no longer: by age, and all but the newest so many."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from dynamic.models import AsyncCall, Pipe, Run
from dynamic.models.run import QUEUED, RUNNING
from dynamic.runs.filters import first_id

BATCH = 500
_PAUSE = 0.02  # seconds between two batches, for others who write
# A run that has not ended is left alone this long: the longest deadline of a pipe, and some more.
_MAY_RUN = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs of a pipe were deleted, or would be."""

    pipe: Pipe
    count: int


def prune(
    now: datetime,
    *,
    dry_run: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Pruned]:
    """Delete them pipe by pipe, in small batches; tell of those pipes that had any.

    `stopping` is asked before each batch. Two who do this at once do no harm.
    """
    for pipe in Pipe.objects.exclude(keep_days=0, keep_runs=0).order_by("pk"):
        old = _old(pipe, now)
        if old is None:
            continue
        count = old.count() if dry_run else _delete(old, stopping)
        if count:
            yield Pruned(pipe, count)
        if stopping():
            return


def _old(pipe: Pipe, now: datetime) -> "QuerySet[Run] | None":
    """The runs of a pipe that are kept no longer; None where it keeps all."""
    runs = Run.objects.filter(pipe=pipe)
    before = first_id(now - timedelta(days=pipe.keep_days)) if pipe.keep_days else ""
    if pipe.keep_runs:
        newest = runs.order_by("-id").values_list("id", flat=True)
        oldest_kept = newest[pipe.keep_runs - 1 : pipe.keep_runs].first()
        before = max(before, oldest_kept or "")
    if not before:
        return None
    old = runs.filter(id__lt=before).exclude(status=QUEUED)
    # Not by the id: one that was queued began later than that tells.
    old = old.exclude(status=RUNNING, started_at__gte=now - _MAY_RUN)
    # Whoever does not wait was promised the answer for a day, and a callback.
    return old.exclude(Exists(AsyncCall.objects.filter(pk=OuterRef("pk"))))


def _delete(old: "QuerySet[Run]", stopping: Callable[[], bool]) -> int:
    deleted = 0
    oldest = old.order_by("id").values_list("id", flat=True)
    while not stopping() and (batch := list(oldest[:BATCH])):
        deleted += Run.objects.filter(pk__in=batch).delete()[0]
        time.sleep(_PAUSE)
    return deleted
