"""The page of one step's form: a step of the draft, or one that is added to it."""

from typing import Any

import yaml
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.flow.editing import surgery
from dynamic.flow.problems import Path
from dynamic.models import Flow
from dynamic.pages.flow_editor import read, steps_url
from dynamic.pages.flow_editor_changes import ChangedMeanwhile, NotChanged, change
from dynamic.pages.flow_editor_target import Target, target_of
from dynamic.pages.step_forms.step_form import NotInForm, Step, StepForm
from dynamic.pages.step_picks import groups_of, scope_of
from dynamic.systems.drafts import fingerprint


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flow_step(request: SignedInRequest, ref: str) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    document = read(flow)
    if document is None:
        return _elsewhere(request, flow, "The source cannot be read as steps.")
    target = target_of(request, flow, document)
    if target.kind is None:
        return _elsewhere(request, flow, "The step is of no kind that is known here.")
    if target.kind.form is None:
        return _without_form(request, target)
    data = request.POST if request.method == "POST" else None
    try:
        form = target.kind.form(target.step, target.around(), data)
    except NotInForm as error:
        return _elsewhere(request, flow, str(error))
    return _page(request, target, form) if data is None else _posted(request, target, form)


def _posted(request: SignedInRequest, target: Target, form: StepForm) -> HttpResponse:
    if not target.is_as_seen(request.POST):
        return _page(request, target, form, is_conflict=True)
    if form.is_only_shown or not form.is_valid():
        return _page(request, target, form)
    try:
        done = _saved(request, target, form.step())
    except ChangedMeanwhile:
        return _page(request, target, form, is_conflict=True)
    except (NotChanged, surgery.EditImpossible) as error:
        form.add_error(None, str(error))
        return _page(request, target, form)
    messages.success(request, "The step is added." if target.is_new else "The step is saved.")
    return redirect(done)


def _saved(request: SignedInRequest, target: Target, step: Step) -> str:
    """Write the step into the draft, and give the URL to go on with. Raises as `change` does, and
    EditImpossible."""

    def edit(source: str) -> tuple[str, Path]:
        if target.is_new:
            return surgery.insert(source, target.steps, target.index, step), target.place
        return surgery.replace(source, target.place, step), target.place

    def is_as_seen(flow: Flow) -> bool:
        document = read(flow)
        if document is None:
            return False
        return target_of(request, flow, document).is_as_seen(request.POST)

    done = change(request, target.flow.ref, edit, is_as_seen)
    return steps_url(done.flow.ref, done.place)


def _page(
    request: SignedInRequest, target: Target, form: StepForm, *, is_conflict: bool = False
) -> HttpResponse:
    """A form that was sent keeps telling what it was based on, until a conflict is shown."""
    flow, seen = target.flow, {} if is_conflict else request.POST
    scope = scope_of(flow, target.document, target.steps, target.index)
    form.see(scope.names())
    page: dict[str, Any] = {
        "flow": flow,
        "form": form,
        "target": target,
        "failed": bool(form.errors) and not is_conflict,
        "is_typed": request.method == "POST",
        "based_on": seen.get("based_on", fingerprint(flow)),
        "shown": seen.get("shown", target.digest()),
        "back": steps_url(flow.ref, () if target.is_new else target.place),
        "groups": groups_of(scope),
        "problems": [] if target.is_new or request.method == "POST" else target.problems(),
        "is_conflict": is_conflict,
    }
    if is_conflict and not target.is_new:
        page["theirs"] = yaml.safe_dump(target.step, sort_keys=False, allow_unicode=True)
    return render(request, "flows/step_form.html", page)


def _elsewhere(request: SignedInRequest, flow: Flow, why: str) -> HttpResponse:
    return render(request, "flows/step_elsewhere.html", {"flow": flow, "why": why})


def _without_form(request: SignedInRequest, target: Target) -> HttpResponse:
    """`continue` and `break` are added at once. Raises Http404."""
    if not target.is_new:
        return _elsewhere(request, target.flow, "There is nothing to fill in.")
    if request.method != "POST":
        raise Http404
    try:
        url = _saved(request, target, target.step)
    except (NotChanged, surgery.EditImpossible) as error:
        messages.error(request, str(error))
        return redirect(steps_url(target.flow.ref))
    messages.success(request, "The step is added.")
    return redirect(url)
