"""What a mail tells of the pipes of an account that failed in a span of time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from dynamic.models import Pipe, Run
from dynamic.runs.failures import Failure, failures_of
from dynamic.runs.filters import NOT_WELL, first_id

MOST_RUNS = 20_000  # of an owner that did not end well and are looked at, the newest
MOST_CALLS = 50_000  # of a pipe that are counted
LONGEST_MESSAGE = 200  # characters
# A run counts from its end, and is found by when it came: it may have waited and run so long.
CAME_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Of one pipe."""

    pipe: Pipe
    since: datetime
    until: datetime
    calls: int  # `MOST_CALLS` at most
    by_status: list[tuple[str, int]]  # in words; what was most often is first
    message: str  # of the cause that was most often
    times: int  # that cause

    @property
    def failed(self) -> int:
        return sum(count for _, count in self.by_status)

    @property
    def is_bounded(self) -> bool:
        return self.calls >= MOST_CALLS

    @property
    def runs(self) -> str:
        """The address of the list of them."""
        these = {"pipe": self.pipe.pk, "status": NOT_WELL}
        these |= {"since": _minute(self.since), "until": _minute(self.until)}
        return f"{settings.SITE_URL}{reverse('runs:list')}?{urlencode(these)}"


def parts_of(account: User, since: datetime, until: datetime) -> tuple[list[Part], bool]:
    """The pipes with failures that ended from `since` on and before `until`, those with the most
    first; and whether all of these failures were seen. One that is archived mails nothing.
    """
    pipes = list(account.pipes.current())
    failures = failures_of(pipes, since - CAME_BEFORE, MOST_RUNS)
    parts = [
        part
        for pipe in pipes
        if (part := _part(pipe, failures.by_pipe.get(pipe.pk, ()), since, until))
    ]
    return sorted(parts, key=lambda part: -part.failed), failures.all_seen


def _part(pipe: Pipe, causes: Iterable[Failure], since: datetime, until: datetime) -> Part | None:
    by_status: Counter[str] = Counter()
    most, message = 0, ""
    for cause in causes:
        count = sum(since <= ended < until for ended in cause.ended)
        by_status[cause.status.replace("_", " ")] += count
        if count > most:
            most, message = count, " ".join(cause.message.split())[:LONGEST_MESSAGE]
    if not most:
        return None
    told = [(status, count) for status, count in by_status.most_common() if count]
    # One that failed may have come before that time.
    calls = max(_came(pipe, since, until), by_status.total())
    return Part(pipe, since, until, calls, told, message, most)


def _came(pipe: Pipe, since: datetime, until: datetime) -> int:
    runs = Run.objects.filter(pipe=pipe, id__gte=first_id(since), id__lt=first_id(until))
    return runs.values("pk")[:MOST_CALLS].count()


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}"
