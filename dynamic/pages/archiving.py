"""The pages that put a system, a flow or a pipe away, and bring it back."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from dynamic.models import Flow, Pipe, System
from dynamic.systems.archiving import ArchiveRefused, archive, restore, users_of


@dataclass(frozen=True, slots=True)
class _Kind:
    """The words for a kind of things; `word` begins the names of its pages, too."""

    word: str
    detail: str  # the name of the page of one of them
    before: str  # what archiving means
    archived: str
    restored: str

    @property
    def act(self) -> str:
        return f"Archive this {self.word}"


_SYSTEM = _Kind(
    "system",
    "systems:detail",
    "Flows that call it fail from then on, within a second. Its calls and credentials are kept, "
    "and it can be restored.",
    "Flows cannot call it any more.",
    "Flows can call it again.",
)
_FLOW = _Kind(
    "flow",
    "flows:steps",
    "Pipes and other flows cannot choose it from then on. Its draft and all its versions are kept, "
    "and it can be restored.",
    "It cannot be chosen any more.",
    "It can be chosen again.",
)
_PIPE = _Kind(
    "pipe",
    "pipes:detail",
    "Its calls are refused from then on, within a second. Its URL, its runs and the keys that may "
    "call it are kept, and it can be restored.",
    "Calls are refused.",
    "Calls are answered as before.",
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def system_archive(request: SignedInRequest, slug: str) -> HttpResponse:
    return _archive(request, get_object_or_404(request.user.systems, slug=slug), slug, _SYSTEM)


@login_required
@require_POST
def system_restore(request: SignedInRequest, slug: str) -> HttpResponse:
    return _restore(request, get_object_or_404(request.user.systems, slug=slug), slug, _SYSTEM)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def flow_archive(request: SignedInRequest, slug: str) -> HttpResponse:
    return _archive(request, get_object_or_404(request.user.flows, slug=slug), slug, _FLOW)


@login_required
@require_POST
def flow_restore(request: SignedInRequest, slug: str) -> HttpResponse:
    return _restore(request, get_object_or_404(request.user.flows, slug=slug), slug, _FLOW)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pipe_archive(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    return _archive(request, get_object_or_404(request.user.pipes, pk=pipe_id), pipe_id, _PIPE)


@login_required
@require_POST
def pipe_restore(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    return _restore(request, get_object_or_404(request.user.pipes, pk=pipe_id), pipe_id, _PIPE)


def _archive(
    request: SignedInRequest, thing: System | Flow | Pipe, ref: str, kind: _Kind
) -> HttpResponse:
    if request.method == "POST":
        try:
            archive(thing)
        except ArchiveRefused:  # the page says who uses it
            pass
        else:
            messages.success(request, f"“{thing}” is archived. {kind.archived}")
            return redirect(f"{kind.word}s:list")
    page = {
        "thing": thing,
        "kind": kind,
        "list": reverse(f"{kind.word}s:list"),
        "back": reverse(kind.detail, args=[ref]),
        "users": users_of(thing) if isinstance(thing, Flow) else None,
    }
    return render(request, "archiving/archive.html", page)


def _restore(
    request: SignedInRequest, thing: System | Flow | Pipe, ref: str, kind: _Kind
) -> HttpResponse:
    try:
        restore(thing)
    except ArchiveRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"“{thing}” is restored. {kind.restored}")
    return redirect(kind.detail, ref)
