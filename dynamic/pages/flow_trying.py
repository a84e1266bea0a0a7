"""Trying a flow's draft from its page: its calls are really made."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.flow.problems import DocumentInvalid, ExpressionInvalid
from dynamic.models import Flow
from dynamic.pages.json_field import JsonField
from dynamic.pages.step_texts import MOST_SHOWN, StepTexts
from dynamic.pages.trial_text import value_text
from dynamic.systems.run_once import run_once
from dynamic.systems.runnable import make_runnable

SECONDS = 30


class PayloadForm(forms.Form):
    payload = JsonField(
        label="Payload",
        required=False,
        lines=8,
        help_text="JSON: what a caller of the pipe sends, and the flow’s expressions see as "
        "payload. Empty for none.",
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flow_try(request: SignedInRequest, slug: str) -> HttpResponse:
    """The result stands in the answer to this POST; nothing of it is kept."""
    flow: Flow = get_object_or_404(request.user.flows, slug=slug)
    data = request.POST if request.method == "POST" else None
    form = PayloadForm(data, initial={"payload": "{}"})
    page: dict[str, Any] = {"flow": flow, "form": form, "seconds": SECONDS}
    if form.is_valid():
        page |= _tried(flow, form.cleaned_data["payload"])
    return render(request, "flows/try.html", page)


def _tried(flow: Flow, payload: Any) -> dict[str, Any]:
    try:
        runnable = make_runnable(flow.owner_id, flow.slug, flow.draft)
    except DocumentInvalid as error:
        return {"problems": error.problems}
    except (ExpressionInvalid, ValueError) as error:
        return {"fault": str(error)}
    result = run_once(runnable, payload, seconds=SECONDS)
    texts = StepTexts()
    steps = texts.of(result["trace"])
    return {
        "result": result,
        "ok": result["status"] == "success",
        "body": value_text(result["body"]),
        "told": value_text(result["data"]),
        "steps": steps,
        "left_out": texts.left_out,
        "most_shown": MOST_SHOWN,
    }
