"""Mail failures of pipes by the rules of the pipes: once an hour for the same cause.

What was told is in the database, so neither a restart nor another process tells it again, and
nothing is forgotten where a mail server fails: it is tried again.
"""

import logging
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from accounts.mailing import mail_to
from dynamic.models import Alert, Pipe
from dynamic.models.alerting import FEWEST_RUNS, AlertRule
from dynamic.models.run import UNKNOWN
from dynamic.runs.failures import Failure, failures_of, is_complete

HOUR = timedelta(hours=1)
LOOKED_BACK = timedelta(days=1)
MOST_RUNS = 2000  # of an owner that are looked at, the newest
MOST_AN_HOUR = 10  # mails about one pipe: messages may differ in words as well
_KEPT = LOOKED_BACK + HOUR  # as long as a run that was told might be found again

log = logging.getLogger(__name__)


def send_due(now: datetime) -> int:
    """Send the mails that are due. Returns how many went."""
    pipes = Pipe.objects.current().exclude(alert_rule=AlertRule.OFF).filter(owner__is_active=True)
    in_order = pipes.select_related("owner").order_by("owner_id", "pk")
    sent = 0
    for owner_id, group in groupby(in_order, key=attrgetter("owner_id")):
        try:
            sent += _send_of_owner(list(group), now)
        except Exception:
            # Whatever it was, the others' mails are wanted, too.
            log.exception("Failures of pipes of user %s were not looked for", owner_id)
    Alert.objects.filter(told_at__lt=now - _KEPT).delete()
    return sent


def _send_of_owner(pipes: list[Pipe], now: datetime) -> int:
    failures = failures_of(pipes, now - LOOKED_BACK, MOST_RUNS)
    return sum(
        _send_of_pipe(pipe, failures.by_pipe[pipe.pk], now, failures.all_seen)
        for pipe in pipes
        if pipe.pk in failures.by_pipe
    )


def _send_of_pipe(pipe: Pipe, failures: list[Failure], now: datetime, all_seen: bool) -> int:
    told = {alert.cause: alert for alert in pipe.alerts.all()}
    places = MOST_AN_HOUR - sum(alert.told_at > now - HOUR for alert in told.values())
    due = [
        (failure, ended)
        for failure in failures
        if (ended := _untold(failure, told.get(failure.cause), now))
    ]
    if not due or (
        pipe.alert_rule == AlertRule.COMPLETE and not is_complete(pipe, now, HOUR, FEWEST_RUNS)
    ):
        return 0
    sent = 0
    for failure, ended in due[: max(places, 0)]:
        about = {"count": len(ended), "since": min(ended), "all_seen": all_seen}
        sent += _send(pipe, failure, told.get(failure.cause), now, about)
    return sent


def _untold(failure: Failure, last: Alert | None, now: datetime) -> list[datetime]:
    """When the runs ended that are to be told now."""
    if last is not None:
        due = last.told_at <= now - HOUR
        return [ended for ended in failure.ended if ended > last.told_at] if due else []
    # A run that was cut off may be noticed only when a server is started again.
    back = LOOKED_BACK if failure.status == UNKNOWN else HOUR
    return [ended for ended in failure.ended if ended > now - back]


def _send(
    pipe: Pipe, failure: Failure, last: Alert | None, now: datetime, about: dict[str, Any]
) -> bool:
    # Taken before it is sent: two processes never send it twice.
    if not _take(pipe, failure, last, now, about["count"]):
        return False
    of_these = urlencode({"pipe": pipe.pk, "status": failure.status})
    about |= {
        "pipe": pipe,
        "failure": failure,
        "last": last,
        "status": failure.status.replace("_", " "),
        "runs": f"{settings.SITE_URL}{reverse('runs:list')}?{of_these}",
        "page": settings.SITE_URL + reverse("pipes:detail", args=[pipe.pk]),
    }
    try:
        mail_to(pipe.alert_addresses or [pipe.owner.email], "pipes/mail/failed", about)
    except Exception as error:
        # Whatever went wrong with the mail server, the other mails are wanted, too.
        log.warning("The alert about pipe %s was not sent yet: %s", pipe.pk, error)
        _give_back(pipe, failure, last)
        return False
    return True


def _take(pipe: Pipe, failure: Failure, last: Alert | None, now: datetime, count: int) -> bool:
    told = {"told_at": now, "count": count}
    if last is None:
        _, made = Alert.objects.get_or_create(pipe=pipe, cause=failure.cause, defaults=told)
        return made
    return bool(Alert.objects.filter(pk=last.pk, told_at=last.told_at).update(**told))


def _give_back(pipe: Pipe, failure: Failure, last: Alert | None) -> None:
    mine = Alert.objects.filter(pipe=pipe, cause=failure.cause)
    if last is None:
        mine.delete()
    else:
        mine.update(told_at=last.told_at, count=last.count)
