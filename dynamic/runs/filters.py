"""Which runs are asked for. Whatever the filters, an index gives them newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from dynamic.flow.outcome import Status
from dynamic.models import Run
from dynamic.models.run import CANCELLED, QUEUED, RUNNING, UNKNOWN

NOT_WELL = "not_well"  # every status but success
STATUSES = (*Status, QUEUED, RUNNING, UNKNOWN, CANCELLED)
LONGEST_TEXT = 100  # characters
BODIES = ("input", "answer", "trace")  # the columns that can be large


@dataclass(frozen=True, slots=True)
class Filters:
    """What is empty leaves all of them."""

    pipe: str = ""  # its id
    key: str = ""  # its public id
    status: str = ""  # one of STATUSES, or NOT_WELL
    since: datetime | None = None  # when they began: from this moment on
    until: datetime | None = None  # before this one
    text: str = ""  # in the message; or the beginning of a run's or a request's id


def filtered(runs: "QuerySet[Run]", filters: Filters) -> "QuerySet[Run]":
    if filters.pipe:
        runs = runs.filter(pipe=filters.pipe)
    if filters.key:
        runs = runs.filter(key_public_id=filters.key)
    if filters.status:
        # Said also of one status: the index of the runs that did not end well is of these alone.
        if filters.status != Status.SUCCESS:
            runs = runs.exclude(status=Status.SUCCESS.value)
        if filters.status != NOT_WELL:
            runs = runs.filter(status=filters.status)
    if filters.since:
        runs = runs.filter(id__gte=first_id(filters.since))
    if filters.until:
        runs = runs.filter(id__lt=first_id(filters.until))
    if filters.text:
        by_id = Q(id__startswith=filters.text.lower()) | Q(request_id__startswith=filters.text)
        runs = runs.filter(by_id | Q(message__icontains=filters.text))
    return runs


def first_id(moment: datetime) -> str:
    """The id before those of all runs that began at this moment: ids begin with their time."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return f"{milliseconds:012x}"
