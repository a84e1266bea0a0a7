"""The steps of a flow's draft, as a list to change: move, copy, switch off, delete, undo."""

from collections.abc import Callable
from typing import Any

import orjson
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.flow.document import Document, parse
from dynamic.flow.editing import surgery
from dynamic.flow.editing.outline import outline
from dynamic.flow.problems import DocumentInvalid, Path
from dynamic.models import Flow
from dynamic.pages.flow_editor_changes import NotChanged, can_undo, change, undo
from dynamic.pages.flow_editor_places import as_place, index_of
from dynamic.pages.flow_editor_rows import add_query, anchor, put_problems, rows_of
from dynamic.pages.flow_head import head
from dynamic.systems.drafts import fingerprint, problems_of

_Operation = Callable[[str, Path, list[Any]], tuple[str, Path]]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flow_steps(request: SignedInRequest, ref: str) -> HttpResponse:
    if request.method == "POST":
        return _operate(request, ref)
    flow: Flow = get_object_or_404(Flow.objects.visible_to(request.user).named(ref))
    if not flow.is_editable:  # a viewer reads the source
        return redirect("flows:detail", ref)
    problems = problems_of(flow)
    page = head(flow, "steps") | {
        "based_on": fingerprint(flow),
        "problems": problems,
        "can_undo": can_undo(request, flow),
    }
    if document := read(flow):
        rows = rows_of(outline(document))
        others = put_problems(rows, problems)
        page |= {"rows": rows, "others": others, "end": add_query(("steps",), len(rows))}
        page["input"] = isinstance(document.data, dict) and "input" in document.data
    return render(request, "flows/steps_page.html", page)


def read(flow: Flow) -> Document | None:
    """None where the draft is no document, and so has no steps to show."""
    try:
        document = parse(flow.draft)
    except DocumentInvalid:
        return None
    is_flow = isinstance(document.data, dict)
    return document if is_flow and isinstance(document.data.get("steps", []), list) else None


def steps_url(ref: str, place: Path = ()) -> str:
    """The page, with a step in view."""
    return reverse("flows:steps", args=[ref]) + (f"#{anchor(place)}" if place else "")


def _operate(request: SignedInRequest, ref: str) -> HttpResponse:
    """Do the one operation that a button stands for; see `_OPERATIONS`."""
    name, place, more = _asked(request.POST.get("do", ""))
    seen = request.POST.get("based_on")
    try:
        if name == "undo":
            undo(request, ref)
            messages.success(request, "The last change is undone.")
            return redirect(steps_url(ref))
        operation, told = _OPERATIONS[name]
        done = change(
            request,
            ref,
            lambda source: operation(source, place, more),
            lambda flow: seen == fingerprint(flow),
        )
    except NotChanged as error:
        messages.error(request, str(error))
        return redirect(steps_url(ref))
    except surgery.EditImpossible as error:
        messages.error(request, f"Nothing is done. {error}")
        return redirect(steps_url(ref, place))
    messages.success(request, told)
    return redirect(steps_url(ref, done.place))


def _asked(text: str) -> tuple[str, Path, list[Any]]:
    """Such as `["move", ["steps", 2], ["steps"], 1]`. Raises Http404 for anything else."""
    try:
        words = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Http404 from None
    match words:
        case ["undo"]:
            return "undo", (), []
        case [str(name), place, *more] if name in _OPERATIONS:
            return name, as_place(place), more
    raise Http404


def _moved(source: str, place: Path, more: list[Any]) -> tuple[str, Path]:
    match more:
        case [steps, index]:
            return surgery.move(source, place, as_place(steps), index_of(index))
    raise Http404


def _copied(source: str, place: Path, _more: list[Any]) -> tuple[str, Path]:
    return surgery.copy(source, place)


def _disabled(source: str, place: Path, _more: list[Any]) -> tuple[str, Path]:
    return surgery.set_disabled(source, place, True), place


def _enabled(source: str, place: Path, _more: list[Any]) -> tuple[str, Path]:
    return surgery.set_disabled(source, place, False), place


def _deleted(source: str, place: Path, _more: list[Any]) -> tuple[str, Path]:
    """The place is then that of the next step, where there is one; else steps.js finds another."""
    return surgery.remove(source, place), place


_OPERATIONS: dict[str, tuple[_Operation, str]] = {
    "move": (_moved, "The step is moved."),
    "copy": (_copied, "The step is copied."),
    "disable": (_disabled, "The step is disabled: the flow runs without it."),
    "enable": (_enabled, "The step is enabled again."),
    "delete": (_deleted, "The step is deleted."),
}
