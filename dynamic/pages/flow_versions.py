"""Publishing a flow, and the pages of what was published."""

import difflib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from dynamic.flow.problems import DocumentInvalid
from dynamic.models import Flow, FlowVersion, Pipe
from dynamic.pages.flow_forms import PublishForm
from dynamic.systems.drafts import fingerprint

MOST_COMPARED = 4000  # lines: comparing takes time that grows with their square
_CHANGED = "The draft was changed since that page was shown. Look at it, then do it again."


@login_required
@require_POST
def flow_publish(request: SignedInRequest, ref: str) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    form, latest = PublishForm(request.POST), flow.latest
    if not form.is_valid():
        messages.error(request, "Nothing is published: a note has 200 characters at most.")
    elif form.cleaned_data["based_on"] != fingerprint(flow):
        messages.error(request, _CHANGED)
    else:
        try:
            version = flow.publish(form.cleaned_data["note"])
        except DocumentInvalid:
            messages.error(request, "Nothing is published: the draft cannot run.")
        else:
            is_old = latest is not None and latest.number == version.number
            told = "is this draft already" if is_old else "is published"
            messages.success(request, f"Version {version.number} {told}.")
    page = "flows:steps" if request.POST.get("tab") == "steps" else "flows:detail"
    return redirect(page, ref)


@login_required
@never_cache
@require_safe
def version_detail(request: SignedInRequest, ref: str, number: int) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.visible_to(request.user).named(ref))
    version: FlowVersion = get_object_or_404(flow.versions, number=number)
    before = flow.versions.filter(number__lt=number).order_by("-number").first()
    known = flow.versions.filter(source=flow.draft).exists()
    page: dict[str, Any] = {
        "flow": flow,
        "version": version,
        "before": before,
        "from_before": before and difference(before.source, version.source),
        "is_draft": flow.draft == version.source,
        "to_draft": difference(version.source, flow.draft),
        "draft_is_kept": known,
        "pipes": Pipe.objects.visible_to(request.user).filter(pinned=version),
        "based_on": fingerprint(flow),
    }
    return render(request, "flows/version.html", page)


def difference(old: str, new: str) -> list[tuple[str, str]] | None:
    """The lines of a unified diff, each with its mark: `+`, `-`, `@` or a space.

    None where there are too many lines to compare while somebody waits.
    """
    one, two = old.split("\n"), new.split("\n")
    if len(one) + len(two) > MOST_COMPARED:
        return None
    lines = list(difflib.unified_diff(one, two, lineterm="", n=3))[2:]  # after the file names
    return [(line[0], line[1:]) for line in lines]


@login_required
@require_POST
def version_to_draft(request: SignedInRequest, ref: str, number: int) -> HttpResponse:
    """Roll back, in two steps: what becomes the draft is published only when that is asked for."""
    theirs = Flow.objects.editable_by(request.user).named(ref)
    with transaction.atomic():
        flow: Flow = get_object_or_404(theirs.select_for_update())
        version: FlowVersion = get_object_or_404(flow.versions, number=number)
        if request.POST.get("based_on") != fingerprint(flow):
            messages.error(request, _CHANGED)
            return redirect("flows:version", ref, number)
        flow.draft = version.source
        flow.save(update_fields=["draft"])
    messages.success(
        request, f"Version {number} is the draft now. Publish it, and pipes run it again."
    )
    return redirect("flows:detail", ref)
