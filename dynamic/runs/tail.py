"""Runs as they end, by asking the database again and again."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from dynamic.models import Run
from dynamic.models.run import NOT_ENDED
from dynamic.runs.filters import BODIES, first_id

# Ids tell when runs began, and most are stored at their end: so far back new ones are looked for.
LOOK_BACK = timedelta(minutes=2)
MOST_AT_ONCE = 1000


class Tail:
    """Gives each run once, when it has ended. One that takes longer than LOOK_BACK is given only
    where it was stored before its end, as those are that write or whose callers do not wait.
    """

    def __init__(self, runs: "QuerySet[Run]", began: datetime) -> None:
        self._runs = runs
        self._under_way: set[str] = set()
        self._given: set[str] = set()
        self._given = set(self._ended(began))

    def look(self, now: datetime) -> list[Run]:
        """Those that have ended since the last look, by when they began."""
        ended = self._ended(now)[:MOST_AT_ONCE]
        oldest = first_id(now - LOOK_BACK)
        self._given = {id_ for id_ in self._given if id_ >= oldest} | set(ended)
        self._under_way -= set(ended)
        runs = self._runs.filter(pk__in=ended).select_related("pipe").defer(*BODIES)
        return list(runs.order_by("id"))

    def _ended(self, now: datetime) -> list[str]:
        """The ids of those that were not given; it notes which are under way."""
        window = Q(id__gte=first_id(now - LOOK_BACK)) | Q(id__in=sorted(self._under_way))
        found = self._runs.filter(window).order_by("id").values_list("id", "status")
        fresh = [(id_, status) for id_, status in found if id_ not in self._given]
        self._under_way = {id_ for id_, status in fresh if status in NOT_ENDED}
        return [id_ for id_, status in fresh if status not in NOT_ENDED]
