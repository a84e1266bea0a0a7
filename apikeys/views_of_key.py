"""Account Settings > API Keys: one key's page, ending keys, and why one was denied."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from apikeys import narrowing, reasons
from apikeys.forms import RequestIdForm
from apikeys.models import Key, KeyEvent
from apikeys.pipes import callable_pipes, label_of
from apikeys.views import address_of

EVENTS_A_PAGE = 50


@login_required
@require_safe
def key_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    keys = request.user.keys.select_related("use", "predecessor", "successor")
    key = get_object_or_404(keys, public_id=public_id)
    events = key.events.select_related("actor").order_by("-id")
    page = {
        "key": key,
        "pipes": _named(request.user, key.pipes),
        "addresses": _addresses(key),
        "unused": narrowing.unused(key) if key.works else None,
        "events": Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "apikeys/detail.html", page)


def _named(owner: User, ids: list[str] | None) -> list[str] | None:
    """The names of pipes that a key is limited to; None where it may call all."""
    if ids is None:
        return None
    return [label_of(pipe) for pipe in callable_pipes(owner).filter(pk__in=ids)]


def _addresses(key: Key) -> list[dict[str, Any]]:
    seen = key.use.addresses if hasattr(key, "use") else []
    return [{**one, "at": datetime.fromisoformat(one["at"])} for one in seen]


@login_required
@require_POST
def key_narrow(request: SignedInRequest, public_id: str) -> HttpResponse:
    """No password: this only takes away."""
    key = get_object_or_404(Key.objects.live(), owner=request.user, public_id=public_id)
    if narrowing.narrow(key, request.user, address_of(request)):
        messages.success(request, f"“{key.name}” may do from now on what it has done so far.")
    else:
        messages.info(request, f"“{key.name}” has used all that it may do.")
    return redirect("apikeys:detail", key.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request: SignedInRequest, public_id: str) -> HttpResponse:
    key = get_object_or_404(request.user.keys, public_id=public_id)
    if request.method != "POST":
        return render(request, "apikeys/revoke.html", {"key": key})
    if key.revoke(request.user, address_of(request)):
        messages.success(request, f"“{key.name}” is revoked. Callers that use it get 401.")
    else:
        messages.info(request, f"“{key.name}” was revoked already.")
    return redirect("apikeys:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keys_revoke(request: SignedInRequest) -> HttpResponse:
    """Revoke the keys that were ticked, or all: asked by GET, done by POST."""
    asked = request.GET if request.method != "POST" else request.POST
    keys = Key.objects.live().filter(owner=request.user)
    everything = "all" in asked
    if not everything:
        keys = keys.filter(public_id__in=asked.getlist("key"))
    if not keys.exists():
        messages.info(request, "Tick the keys to revoke first: none that works is ticked.")
        return redirect("apikeys:list")
    if request.method != "POST":
        page = {"keys": keys.select_related("use"), "everything": everything}
        return render(request, "apikeys/revoke_several.html", page)
    count = keys.revoke(request.user, address_of(request))
    messages.success(
        request, f"{count} key{'s are' if count != 1 else ' is'} revoked. Their callers get 401."
    )
    return redirect("apikeys:list")


@login_required
@require_safe
def why_denied(request: SignedInRequest) -> HttpResponse:
    """Loading is the permission check: the reason is there for the key's owner alone."""
    form = RequestIdForm(request.GET if "request_id" in request.GET else None)
    page = {"form": form, "asked": form.is_bound and form.is_valid()}
    if page["asked"]:
        event = request.user.key_events.filter(
            kind=KeyEvent.Kind.DENIED, request_id=form.cleaned_data["request_id"].strip()
        ).first()
        page["event"] = event
        if event:
            page |= {
                "reason": reasons.reason(event.reason),
                "advice": reasons.advice(event.reason),
                "pipe": next(iter(_named(request.user, [event.pipe_id]) or []), ""),
            }
    return render(request, "apikeys/why_denied.html", page)
