"""A page on which a pipe is really called, by the browser itself, with a key that is typed in.

The key goes from the browser to the listener (static/console.js) and to nobody else: no page or
view of ours gets it, and nothing keeps it.
"""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.describing.described import Described, describe_one
from dynamic.models import Flow, Pipe, Run
from dynamic.pages.json_field import pretty
from dynamic.pages.step_texts import StepTexts


class ConsoleForm(forms.Form):
    """What a call is made of. It is never sent to us: its fields have no names."""

    method = forms.ChoiceField(label="Method")
    query = forms.CharField(label="Query", required=False, help_text="Such as sku=A1&sku=B2.")
    body = forms.CharField(
        label="Body",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text="Of all methods but GET and HEAD.",
    )
    headers = forms.CharField(
        label="Headers",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code"}),
        help_text="One a line: Name: value.",
    )
    key = forms.CharField(
        label="Key",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="An access token or a JWT of yours. It is used for the call, and kept nowhere.",
    )

    def __init__(self, pipe: Described) -> None:
        is_read = pipe.method == "GET"
        query = "&".join(f"{name}={value}" for name, value in pipe.query) if is_read else ""
        initial: dict[str, Any] = {
            "method": pipe.method,
            "query": query,
            "body": "" if is_read else pretty(pipe.sample),
            "headers": "Content-Type: application/json",
        }
        super().__init__(initial=initial)
        methods = ["GET", "HEAD", *pipe.methods[1:]] if "GET" in pipe.methods else pipe.methods
        method: Any = self.fields["method"]
        method.choices = [(each, each) for each in methods]


@login_required
@never_cache
@require_safe
def pipe_console(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    theirs = Pipe.objects.editable_by(request.user)
    pipe: Pipe = get_object_or_404(theirs.select_related("flow", "pinned"), pk=pipe_id)
    flows = Flow.objects.editable_by(request.user)
    page = {
        "pipe": pipe,
        "flow": flows.filter(pk=pipe.flow_id).first(),
        "form": ConsoleForm(describe_one(pipe)),
        "listener": reverse("listener", args=[pipe.pk]),
        "trace": reverse("pipes:trace", args=[pipe.pk, "0" * 24]),
    }
    return render(request, "pipes/console.html", page)


@login_required
@never_cache
@require_safe
def run_trace(request: SignedInRequest, pipe_id: str, run_id: str) -> HttpResponse:
    """The steps of a run, to stand in the page. 204 while it is not recorded yet."""
    pipe: Pipe = get_object_or_404(Pipe.objects.visible_to(request.user), pk=pipe_id)
    run = Run.objects.filter(owner=pipe.owner_id, pipe=pipe, pk=run_id).first()
    if run is None:
        return HttpResponse(status=204)
    texts = StepTexts()
    page = {"run": run, "steps": texts.of(run.trace or []), "left_out": texts}
    return render(request, "pipes/trace.html", page)
