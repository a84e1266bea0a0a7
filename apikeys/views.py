"""Account Settings > API Keys: the list, and making, changing and replacing a key."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from apikeys.forms import (
    GraceForm,
    GrantsForm,
    KindForm,
    LifetimeForm,
    NameForm,
    PasswordForm,
    confirmed,
)
from apikeys.models import Key, KeyEvent, PolicyRefused, RotationRefused
from apikeys.pipes import callable_pipes


def address_of(request: SignedInRequest) -> str:
    address: str = request.META.get("REMOTE_ADDR", "")
    return address


@login_required
@require_safe
def key_list(request: SignedInRequest) -> HttpResponse:
    keys = request.user.keys.select_related("use", "successor")
    some_work = any(key.works for key in keys)
    return render(request, "apikeys/list.html", {"keys": keys, "some_work": some_work})


@sensitive_post_parameters("password")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def key_create(request: SignedInRequest) -> HttpResponse:
    """The secret stands in the answer to this POST and nowhere else, ever."""
    data = request.POST or None
    name, kind, lifetime = NameForm(data), KindForm(data), LifetimeForm(data)
    grants, password = GrantsForm(request.user, data), PasswordForm(request, data)
    page = {"forms": [name, kind, lifetime], "grants": grants, "password": password}
    if not confirmed([name, kind, lifetime, grants], password):
        return render(request, "apikeys/create.html", page)
    try:
        key, text = Key.objects.issue(
            request.user,
            name.cleaned_data["name"],
            kind.cleaned_data["kind"],
            lifetime.cleaned_data["days"],
            actor=request.user,
            address=address_of(request),
            public_id=kind.cleaned_data["public_id"],
            **grants.values(),
        )
    except PolicyRefused as refused:
        return render(request, "apikeys/create.html", {**page, "refused": refused})
    except IntegrityError:
        messages.info(
            request,
            "That form has made its key already, and its secret cannot be shown again. "
            "If you have not kept it, revoke the key and make another.",
        )
        return redirect("apikeys:list")
    return _shown_once(request, key, text)


@sensitive_post_parameters("password")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def key_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    # One that ended cannot be changed any more.
    key = get_object_or_404(Key.objects.live(), owner=request.user, public_id=public_id)
    data = request.POST or None
    name = NameForm(data, initial={"name": key.name})
    grants, password = GrantsForm(request.user, data, key=key), PasswordForm(request, data)
    if not confirmed([name, grants], password):
        page = {"key": key, "forms": [name], "grants": grants, "password": password}
        return render(request, "apikeys/change.html", page)
    values: dict[str, Any] = {**name.cleaned_data, **grants.values()}
    if key.change(request.user, address_of(request), **values):
        messages.success(request, f"“{key.name}” is changed. Calls heed it within a second.")
    else:
        messages.info(request, f"“{key.name}” is as it was.")
    return redirect("apikeys:detail", key.public_id)


@sensitive_post_parameters("password")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def key_rotate(request: SignedInRequest, public_id: str) -> HttpResponse:
    key = get_object_or_404(request.user.keys, public_id=public_id)
    if key.grace_ends_at:
        messages.info(
            request,
            f"“{key.name}” has been replaced already, and the new secret cannot be shown again. "
            "If you have not kept it, revoke the new key and make another.",
        )
        return redirect("apikeys:detail", key.public_id)
    if not key.works:
        messages.info(request, f"“{key.name}” has ended: make a new key instead.")
        return redirect("apikeys:detail", key.public_id)
    data = request.POST or None
    grace, lifetime = GraceForm(data), LifetimeForm(data, days=key.days)
    password = PasswordForm(request, data)
    page = {"key": key, "forms": [grace, lifetime], "password": password}
    if not confirmed([grace, lifetime], password):
        return render(request, "apikeys/rotate.html", page)
    try:
        successor, text = key.rotate(
            request.user,
            address_of(request),
            grace_hours=grace.cleaned_data["grace_hours"],
            days=lifetime.cleaned_data["days"],
        )
    except (RotationRefused, PolicyRefused) as refused:
        return render(request, "apikeys/rotate.html", {**page, "refused": refused})
    return _shown_once(request, successor, text)


def _shown_once(request: SignedInRequest, key: Key, text: str) -> HttpResponse:
    pipes = callable_pipes(request.user).filter(enabled=True, archived_at=None)
    if key.pipes is not None:
        pipes = pipes.filter(pk__in=key.pipes)
    page = {"key": key, "text": text, "pipe": pipes.first()}
    response = render(request, "apikeys/shown_once.html", page)
    key.record(KeyEvent.Kind.SHOWN, request.user, address_of(request))
    return response
