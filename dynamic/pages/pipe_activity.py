"""How much pipes were called of late, and how often that failed: for small charts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from dynamic.flow.outcome import Status
from dynamic.models import Run
from dynamic.models.run import CANCELLED, NOT_ENDED
from dynamic.runs.filters import first_id

DAYS = 15
MOST = 50_000  # runs that are counted: a page must not wait for all of a busy pipe's
_FINE = (Status.SUCCESS.value, CANCELLED, *NOT_ENDED)

WIDTH, HEIGHT, GAP = 8, 32, 2  # of a day's bar, in the units of the drawing


@dataclass(frozen=True, slots=True)
class Day:
    date: date  # in UTC
    calls: int
    failed: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's column; `failed_height` of it stands for those that failed."""

    day: Day
    x: int
    y: float
    height: float
    failed_y: float
    failed_height: float


class Activity:
    """Of one pipe, the earliest day first."""

    def __init__(self, days: list[Day]) -> None:
        self.days = days
        self.calls = sum(day.calls for day in days)
        self.failed = sum(day.failed for day in days)

    @property
    def percent_failed(self) -> float:
        return 100 * self.failed / self.calls if self.calls else 0.0

    @property
    def bars(self) -> list[Bar]:
        most = max(day.calls for day in self.days)
        return [_bar(day, index, most) for index, day in enumerate(self.days) if day.calls]


def _bar(day: Day, index: int, most: int) -> Bar:
    # One failure among thousands must not be out of sight, nor be all that is in sight.
    height = max(HEIGHT * day.calls / most, 3 if day.failed else 1)
    failed = max(height * day.failed / day.calls, 1.5) if day.failed else 0.0
    x = index * (WIDTH + GAP)
    return Bar(day, x, HEIGHT - height, height, HEIGHT - failed, failed)


def is_cut(activities: Iterable[Activity]) -> bool:
    """Whether there may be more runs than these, which were counted together."""
    return sum(activity.calls for activity in activities) >= MOST


def activity_of(runs: QuerySet[Run], pipes: Iterable[str]) -> dict[str, Activity]:
    """Of each of these pipes, by the newest of `runs`: one query, of at most MOST runs."""
    today = datetime.now(UTC).date()
    counted = _counted(runs, today)
    found = {(row["pipe_id"], row["ago"]): row for row in counted}
    return {pipe: Activity(_days(pipe, today, found)) for pipe in pipes}


def _counted(runs: QuerySet[Run], today: date) -> Iterable[Any]:
    # A run's id begins with its time, so that an index does for both of the bounds.
    begins = [first_id(_midnight(today - timedelta(days=ago))) for ago in range(DAYS)]
    newest = runs.filter(pk__gte=begins[-1]).order_by("-pk")
    too_old = newest.values("pk")[MOST : MOST + 1]
    ago = Case(
        *(When(pk__gte=begin, then=Value(days)) for days, begin in enumerate(begins)),
        output_field=IntegerField(),
    )
    return (
        newest.filter(pk__gt=Coalesce(Subquery(too_old), Value("")))
        .order_by()
        .annotate(ago=ago)
        .values("pipe_id", "ago")
        .annotate(calls=Count("pk"), failed=Count("pk", filter=~Q(status__in=_FINE)))
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _days(pipe: str, today: date, found: dict[tuple[str, int], dict[str, Any]]) -> list[Day]:
    days = []
    for ago in reversed(range(DAYS)):
        row = found.get((pipe, ago), {"calls": 0, "failed": 0})
        days.append(Day(today - timedelta(days=ago), row["calls"], row["failed"]))
    return days
