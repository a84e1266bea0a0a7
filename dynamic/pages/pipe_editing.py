"""Making, changing and deleting a pipe."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.models import Pipe
from dynamic.models.askable import askable
from dynamic.pages.pipe_forms import PipeForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pipe_create(request: SignedInRequest) -> HttpResponse:
    """`?flow=slug` chooses the flow."""
    flows = request.user.flows.current()
    if not flows.exists():
        return render(request, "pipes/no_flows.html")
    wanted = askable(request.GET.get("flow", ""))
    initial: dict[str, Any] = {"flow": flows.filter(slug=wanted).first()}
    return _edit(request, Pipe(owner=request.user), initial)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pipe_edit(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    theirs = Pipe.objects.editable_by(request.user)
    pipe: Pipe = get_object_or_404(theirs.select_related("pinned", "owner"), pk=pipe_id)
    return _edit(request, pipe)


def _edit(
    request: SignedInRequest, pipe: Pipe, initial: dict[str, Any] | None = None
) -> HttpResponse:
    # What the page's head shows: the form puts into the pipe what was typed.
    title, is_new = pipe.name, pipe._state.adding
    data = request.POST if request.method == "POST" else None
    form = PipeForm(request.user, pipe, data, initial)
    if form.is_valid() and _save(form):
        messages.success(request, f"“{pipe}” is {'made' if is_new else 'saved'}.")
        return redirect("pipes:detail", pipe.pk)
    page = {"form": form, "pipe": None if is_new else pipe, "title": title}
    return render(request, "pipes/edit.html", page)


def _save(form: PipeForm) -> bool:
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("name", "Another pipe took this name just now.")
        return False
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pipe_delete(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    pipe: Pipe = get_object_or_404(request.user.pipes, pk=pipe_id)
    if request.method == "POST":
        pipe.delete()
        messages.success(request, f"“{pipe}” is deleted, with its runs.")
        return redirect("pipes:list")
    return render(request, "pipes/delete.html", {"pipe": pipe, "runs": pipe.runs.count()})
