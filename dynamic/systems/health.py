"""Whether systems are up: which are to be asked, by whom, and what became of it.

A system is up where its health check path answers with a status below 400. An answer of 401 or
403 means that its credential is refused; that, any other status, and no answer mean that it is
down: calls of it would fail, too. One failed check may be a blip, so a system is down after two
in a row, the second one a minute after the first.

Server processes share the work: who moves `Health.due_at` on has the check. The functions use the
ORM, and belong on a `Store`'s thread; `fault_of` alone belongs on the loop.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import QuerySet

from dynamic.flow.exchange import Request, UpstreamFailed
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import StepFailed
from dynamic.models import Health, System
from dynamic.models.credential import default_credential
from dynamic.outbound.client import Timeouts
from dynamic.outbound.delivery import Delivery, Journey
from dynamic.outbound.route import Route
from dynamic.runs.redaction import Redactor
from dynamic.systems.trying import connection

LONGEST = 30.0  # seconds that a check may take
FAILURES = 2  # in a row, until a system is down
AGAIN_AFTER = timedelta(minutes=1)  # the first of them
_SLACK = timedelta(minutes=1)
_LONGEST_MESSAGE = 1000  # characters


@dataclass(frozen=True, slots=True)
class Check:
    """What to ask; or why that cannot be asked."""

    request: Request | None = None
    route: Route | None = None
    fault: str = ""


def prepare(now: datetime) -> None:
    """See to it that each system to be checked has its row, and is due no later than it should."""
    new = _checked_systems().filter(health=None)
    Health.objects.bulk_create(
        (Health(system=system, due_at=now) for system in new), ignore_conflicts=True
    )
    # Somebody wants it more often than when it was last checked. Clocks of servers differ a little.
    later = _rows().filter(due_at__gt=now + _SLACK).select_related("system")
    later = later.only("due_at", "system__health_minutes")
    for health in later:
        if health.due_at > now + _interval(health) + _SLACK:
            Health.objects.filter(pk=health.pk, due_at=health.due_at).update(due_at=now)


def claim(now: datetime) -> int | None:
    """Take the check that is due longest, as no other process then can; None where none is."""
    due = _rows().filter(due_at__lte=now).order_by("due_at").select_related("system")
    while health := due.first():
        mine = Health.objects.filter(pk=health.pk, due_at=health.due_at)
        if mine.update(due_at=now + _interval(health)):
            return health.pk
    return None


def load(pk: int) -> Check:
    """The check of this row, ready to be made."""
    system = System.objects.get(health=pk)
    try:
        request, route = connection(system, default_credential(system))
    except (ExpressionInvalid, StepFailed, ValueError) as error:
        return Check(fault=f"It cannot be asked. {error}")
    timeouts = Timeouts(min(route.timeouts.connect, LONGEST), min(route.timeouts.read, LONGEST))
    # A lane of its own: it neither waits behind calls, nor is held back since they have failed.
    return Check(request, replace(route, timeouts=timeouts, lane=f"health {pk}"))


async def fault_of(check: Check, delivery: Delivery) -> str:
    """Why the system is down, in a sentence without secrets; nothing where it is up."""
    if check.request is None or check.route is None:
        return check.fault
    journey = Journey(asyncio.get_running_loop().time() + LONGEST)
    try:
        async with asyncio.timeout_at(journey.deadline):
            response = await delivery.send(check.request, check.route, journey, [])
    except TimeoutError:
        fault = f"There was no answer within {LONGEST:g} s."
    except UpstreamFailed as error:
        fault = str(error)
    else:
        fault = _fault_of_status(response.status_code)
    secrets = {*check.route.auth.secrets(), *journey.secrets}
    return str(Redactor(secrets).clean(fault))[:_LONGEST_MESSAGE]


def _fault_of_status(status: int) -> str:
    if status < 400:
        return ""
    if status in {401, 403}:
        return f"It answered with status {status}: its credential is refused."
    return f"It answered with status {status}."


def record(pk: int, at: datetime, fault: str) -> None:
    """Note what a check found. Doing it twice, as a `Store` may, does no harm."""
    health = Health.objects.filter(pk=pk).exclude(checked_at=at).first()
    if health is None:
        return
    changed = ["checked_at", "is_up", "failures", "message", "since", "down_since"]
    health.checked_at, health.message = at, fault
    if fault:
        if not health.failures:
            health.down_since = at
            health.due_at = min(health.due_at, at + AGAIN_AFTER)
            changed.append("due_at")
        health.failures = min(health.failures + 1, FAILURES)
        if health.failures == FAILURES and health.is_up is not False:
            health.is_up, health.since = False, health.down_since
    else:
        if not health.is_up:
            health.is_up, health.since = True, at
        health.failures = 0
    health.save(update_fields=changed)


def _checked_systems() -> "QuerySet[System]":
    return System.objects.current().filter(health_minutes__gt=0, owner__is_active=True)


def _rows() -> "QuerySet[Health]":
    return Health.objects.filter(system__in=_checked_systems())


def _interval(health: Health) -> timedelta:
    return timedelta(minutes=health.system.health_minutes)
