"""What went wrong with the runs of pipes of late, by its cause."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models.functions import Left

from dynamic.flow.outcome import Status
from dynamic.models import Pipe, Run
from dynamic.models.run import CANCELLED, MARGIN, NOT_ENDED, UNKNOWN
from dynamic.runs.filters import first_id

# Somebody wanted a cancelled one to end: that is told to nobody.
NO_FAILURES = frozenset({Status.SUCCESS.value, CANCELLED, *NOT_ENDED})
LONGEST_MESSAGE = 300  # characters
_NUMBER = re.compile(r"[\w-]*\d[\w-]*")  # numbers, ids, dates: they differ from run to run


@dataclass(slots=True)
class Failure:
    """Runs of a pipe that ended in the same way."""

    cause: str  # SHA-256, in hex
    status: str
    message: str  # of the newest; cut
    ended: list[datetime] = field(default_factory=list)  # when; not in order


@dataclass(frozen=True, slots=True)
class Failures:
    by_pipe: dict[str, list[Failure]]  # the pipe's id; what was last is first
    all_seen: bool  # False: there may be more, and older ones


def failures_of(pipes: Collection[Pipe], since: datetime, most: int) -> Failures:
    """The failures of runs that came since then, of pipes that are all of one owner's. Of the
    owner's runs without success the newest `most` are looked at.
    """
    deadlines = {pipe.pk: timedelta(seconds=pipe.deadline) for pipe in pipes}
    owner_ids = {pipe.owner_id for pipe in pipes}
    # Not of these pipes alone: so the index bounds what is read, whatever other pipes do.
    rows = (
        Run.objects.filter(owner__in=owner_ids, id__gte=first_id(since))
        .exclude(status=Status.SUCCESS.value)
        .order_by("-id")
        .values_list("pipe_id", "status", Left("message", LONGEST_MESSAGE), "started_at", "ms")
    )[:most]
    found: dict[str, dict[str, Failure]] = {}
    for pipe_id, status, message, started_at, ms in rows:
        if pipe_id not in deadlines or status in NO_FAILURES:
            continue
        cause = cause_of(status, message)
        failure = found.setdefault(pipe_id, {}).setdefault(cause, Failure(cause, status, message))
        # Of a run that was cut off it is not known when; it is noticed only after this.
        unknown = deadlines[pipe_id] + MARGIN
        took = unknown if status == UNKNOWN else timedelta(milliseconds=ms)
        failure.ended.append(started_at + took)
    by_pipe = {pipe_id: list(causes.values()) for pipe_id, causes in found.items()}
    return Failures(by_pipe, all_seen=len(rows) < most)


def cause_of(status: str, message: str) -> str:
    """The same for messages that differ in their numbers only."""
    same = _NUMBER.sub("#", message[:LONGEST_MESSAGE])
    return hashlib.sha256(f"{status}\n{same}".encode()).hexdigest()


def is_complete(pipe: Pipe, now: datetime, within: timedelta, fewest: int) -> bool:
    """Whether of the runs that began within so long and have ended all failed, and there are
    `fewest` at least.
    """
    runs = Run.objects.filter(pipe=pipe, id__gte=first_id(now - within))
    if runs.filter(status=Status.SUCCESS.value).exists():
        return False
    return len(runs.exclude(status__in=NO_FAILURES).values_list("pk")[:fewest]) == fewest
