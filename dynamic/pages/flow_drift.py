"""What live responses lack of what a flow reads: shown on its page until somebody dismisses it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from dynamic.models import Drift, Flow
from dynamic.runs.drift import has


def drifts_of(flow: Flow) -> list[Drift]:
    """Those to show: one is over, too, when the API call's sample has the field no more."""
    noted = flow.drifts.filter(dismissed_at=None).select_related("call__system")
    return [drift for drift in noted if has(drift.call.sample_response, drift.fields)]


@login_required
@require_POST
def dismiss_drift(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    drift = get_object_or_404(flow.drifts.select_related("call__system"), pk=pk)
    if drift.dismissed_at is None:
        drift.dismissed_at = timezone.now()
        drift.save(update_fields=["dismissed_at"])
    messages.success(request, f"That {drift} is not shown again.")
    return redirect("flows:detail", ref)
