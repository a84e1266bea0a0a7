"""The queue of runs whose callers do not wait: the runs of status `queued`, oldest first.

All server processes take from it. The functions use the ORM, and belong on a `Store`'s thread.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dynamic.models import AsyncCall, Run
from dynamic.models.async_call import note_ended
from dynamic.models.run import CANCELLED, QUEUED, RUNNING

MOST_QUEUED = 1000  # of a pipe's owner


class QueueFull(Exception):
    """As many runs of the pipe's owner wait as may."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits, without what came in."""

    run_id: str
    owner_id: int  # the pipe's
    pipe_id: str
    key_public_id: str
    request_id: str
    address: str  # the caller's; "" where it is not known
    method: str


def put(run: Run, call: AsyncCall, also: Callable[[], None] | None) -> None:
    """Store a run with its call, and what is to be committed with them. Safe to repeat.

    Raises QueueFull.
    """
    with transaction.atomic():
        others = Run.objects.filter(status=QUEUED, owner=run.owner_id).exclude(pk=run.pk)
        if others.count() >= MOST_QUEUED:
            raise QueueFull
        Run.objects.bulk_create([run], ignore_conflicts=True)
        AsyncCall.objects.bulk_create([call], ignore_conflicts=True)
        if also:
            also()


def oldest(
    most: int, *, but: Collection[str], owners: Collection[int], pipes: Collection[str]
) -> list[Waiting]:
    """Those to begin next, but these runs, and none of these owners and pipes."""
    runs = Run.objects.filter(status=QUEUED).order_by("pk")
    for name, left_out in (("pk", but), ("owner", owners), ("pipe", pipes)):
        if left_out:
            runs = runs.exclude(**{f"{name}__in": list(left_out)})
    rows = runs.values_list(
        "pk", "owner_id", "pipe_id", "key_public_id", "request_id", "address", "method"
    )[:most]
    return [
        Waiting(run_id, owner_id, pipe_id, key, request_id, address or "", method)
        for run_id, owner_id, pipe_id, key, request_id, address, method in rows
    ]


def claim(run_id: str, began_with: dict[str, Any]) -> AsyncCall | None:
    """Begin a run here; None where another process has, or it was cancelled.

    What it begins with, by field, is as it is now: it may have changed since the call came.
    Of all who try one gets it, and nobody ever again: a process that dies now leaves it `running`,
    which becomes `unknown`.
    """
    with transaction.atomic():
        call = AsyncCall.objects.filter(pk=run_id).first()
        if call is None:
            return None
        waits = Run.objects.filter(pk=run_id, status=QUEUED)
        began = waits.update(status=RUNNING, **began_with)
        return call if began else None


def cancel_queued(run_id: str, message: str, now: datetime) -> bool:
    """End a run that has not begun; False where it has, or has ended."""
    with transaction.atomic():
        waits = Run.objects.filter(pk=run_id, status=QUEUED)
        if not waits.update(status=CANCELLED, message=message):
            return False
        note_ended([run_id], now)
    return True


def to_be_cancelled(run_ids: Collection[str]) -> list[str]:
    """Which of these runs somebody wants to be ended."""
    asked = AsyncCall.objects.filter(pk__in=run_ids).exclude(cancel_asked_at=None)
    return list(asked.values_list("pk", flat=True))
