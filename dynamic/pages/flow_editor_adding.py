"""Adding a step: which kind it is to be, and for a call, which API call."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.models import Flow
from dynamic.pages.flow_editor_places import index_of, place_of
from dynamic.pages.flow_editor_rows import add_query
from dynamic.pages.step_forms.api_calls import ApiCalls
from dynamic.pages.step_forms.kinds import KINDS
from dynamic.systems.drafts import fingerprint


@login_required
@never_cache
@require_safe
def flow_add_step(request: SignedInRequest, ref: str) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    steps, index = place_of(request.GET.get("into")), index_of(request.GET.get("index"))
    in_loop = "do" in steps
    page: dict[str, Any] = {
        "flow": flow,
        "where": add_query(steps, index),
        "kinds": [kind for kind in KINDS.values() if in_loop or not kind.in_loop],
        "based_on": fingerprint(flow),
    }
    if request.GET.get("kind") == "call":
        page["systems"] = ApiCalls(flow.owner_id).by_system()
        return render(request, "flows/step_call_choice.html", page)
    return render(request, "flows/step_kinds.html", page)
