"""What a run's page tells of a call whose caller does not wait; ending it from there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import SignedInRequest
from dynamic.listener.due_callbacks import TRIES
from dynamic.models import AsyncCall, Run
from dynamic.models.run import NOT_ENDED
from dynamic.runs.callers import cancellable_by
from dynamic.runs.cancelling import Asked, ask_to_cancel

_SAID = {
    Asked.CANCELLED: "It is cancelled: it never began.",
    Asked.ASKED: "It is being cancelled, which takes a moment.",
    Asked.ENDED: "It has ended already.",
    Asked.NOT_ASYNC: "Its caller waits for it, so it cannot be cancelled.",
}


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the caller wants to be told of the end, and how far that has come."""

    url: str  # without its query, which may hold a secret
    tries: int
    most: int
    result: str
    next_try_at: datetime | None
    delivered_at: datetime | None
    is_given_up: bool


def of_async_call(run: Run, account: User) -> dict[str, Any]:
    """For the template: `can_cancel`, `cancel_asked_at` and `callback`."""
    call = AsyncCall.objects.filter(pk=run.pk).defer("given", "answer").first()
    if call is None:
        return {}
    is_under_way = run.status in NOT_ENDED
    can_cancel = is_under_way and not call.cancel_asked_at
    return {
        "can_cancel": can_cancel and cancellable_by(account).filter(pk=run.pk).exists(),
        "cancel_asked_at": call.cancel_asked_at if is_under_way else None,
        "callback": _callback(call) if call.callback_url else None,
    }


def _callback(call: AsyncCall) -> Callback:
    is_over = bool(call.callback_tries) and call.callback_due_at is None
    return Callback(
        url=call.callback_url.partition("#")[0].partition("?")[0],
        tries=call.callback_tries,
        most=TRIES,
        result=call.callback_result,
        next_try_at=call.callback_due_at,
        delivered_at=call.callback_delivered_at,
        is_given_up=is_over and call.callback_delivered_at is None,
    )


@login_required
@require_POST
def run_cancel(request: SignedInRequest, pk: str) -> HttpResponse:
    run: Run = get_object_or_404(cancellable_by(request.user), pk=pk)
    messages.info(request, _SAID[ask_to_cancel(run.pk, timezone.now())])
    return redirect("runs:detail", run.pk)
