"""Callbacks that are due: which is to be sent, by whom, and what became of it.

Server processes share the work: who moves `callback_due_at` on has the try. A process that dies
within one leaves it to count as failed. The functions use the ORM, and belong on a `Store`'s
thread.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from dynamic.flow.exchange import Request
from dynamic.listener.answer import Answer
from dynamic.listener.async_answers import answer_of
from dynamic.models import AsyncCall, Run
from dynamic.outbound.signing import signed_headers

# Between one try and the next. The first one is made as soon as the run has ended.
WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
)
TRIES = len(WAITS) + 1
_UNDER_WAY = timedelta(seconds=30)  # longer than a try may take
_GONE = 410
_LONGEST_RESULT = 500  # characters


@dataclass(frozen=True, slots=True)
class Due:
    """One try: what to send; or why that cannot be sent."""

    run_id: str
    number: int  # of the try, from 1
    request: Request | None = field(default=None, repr=False)
    fault: str = ""


def claim(now: datetime, but: Collection[int] = ()) -> AsyncCall | None:
    """Take the callback that is due longest, as no other process then can; None where none is.

    None of pipes of these owners.
    """
    due = AsyncCall.objects.filter(callback_due_at__lte=now).order_by("callback_due_at")
    if but:
        due = due.exclude(pipe__owner__in=but)
    # Nothing that is encrypted: a row that no key opens must not keep back all others.
    due = due.select_related("pipe").only("callback_tries", "callback_due_at", "pipe__owner")
    while call := due.first():
        tries = call.callback_tries + 1
        lost = None if tries >= TRIES else now + max(WAITS[tries - 1], _UNDER_WAY)
        mine = AsyncCall.objects.filter(pk=call.pk, callback_due_at=call.callback_due_at)
        if mine.update(callback_tries=F("callback_tries") + 1, callback_due_at=lost):
            call.callback_tries = tries
            return call
    return None


def prepare(call: AsyncCall, now: datetime) -> Due | None:
    """The try of this claim, signed; None where its run is gone, with its pipe or by itself."""
    run = Run.objects.filter(pk=call.pk).select_related("pipe").first()
    if run is None:
        return None
    secret = run.pipe.callback_secret
    answer = answer_of(run, call, run.request_id)
    if answer is None:
        return Due(call.pk, call.callback_tries, fault="The run has not ended.")
    if not secret:
        fault = "The pipe has no secret any more to sign with."
        return Due(call.pk, call.callback_tries, fault=fault)
    body = body_of(run, answer)
    headers = {
        "Content-Type": "application/json",
        **signed_headers(secret, run.pk, int(now.timestamp()), body),
    }
    request = Request("callback", "POST", call.callback_url, tuple(headers.items()), body)
    return Due(call.pk, call.callback_tries, request)


def body_of(run: Run, answer: Answer) -> bytes:
    """The message, as JSON: the same at each try."""
    ended = run.started_at + timedelta(milliseconds=run.ms)
    value = {
        "type": "run.ended",
        "timestamp": ended.isoformat().replace("+00:00", "Z"),
        "data": {
            "run": run.pk,
            "pipe": run.pipe_id,
            "status": run.status,
            "http_status": answer.status,
            "answer": _value(answer),
            "answer_url": settings.SITE_URL + reverse("run-answer", args=[run.pk]),
        },
    }
    return orjson.dumps(value)


def _value(answer: Answer) -> object:
    """The body as the JSON that it is, else as text; None where there is none."""
    if not answer.body:
        return None
    if "json" in answer.content_type:
        return orjson.Fragment(answer.body)  # however deep it is
    return answer.body.decode()


def record(due: Due, at: datetime, status: int, why: str) -> None:
    """Note what became of a try: `status` is what it was answered with, 0 for nothing, and `why`
    that was not good, "" where it was. Doing it twice, as a `Store` may, does no harm.
    """
    if not why:
        result = f"It answered with status {status}."
        changed = {"callback_due_at": None, "callback_delivered_at": at, "callback_result": result}
    else:
        is_last = due.number >= TRIES or status == _GONE
        next_at = None if is_last else at + WAITS[due.number - 1]
        changed = {"callback_due_at": next_at, "callback_result": why[:_LONGEST_RESULT]}
    _try(due).update(**changed)


def _try(due: Due) -> "QuerySet[AsyncCall]":
    """Its row, unless a later try has been begun or the callback has been taken."""
    return AsyncCall.objects.filter(
        pk=due.run_id, callback_tries=due.number, callback_delivered_at=None
    )
