"""Account Settings > API Keys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from apikeys.forms import KeyForm
from apikeys.models import Key


@login_required
@require_safe
def key_list(request: SignedInRequest) -> HttpResponse:
    keys = request.user.keys.select_related("use")
    return render(request, "apikeys/list.html", {"keys": keys})


@sensitive_post_parameters("password")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def key_create(request: SignedInRequest) -> HttpResponse:
    """The secret stands in the answer to this POST and nowhere else, ever."""
    form = KeyForm(request, request.POST or None)
    if not form.is_valid():
        return render(request, "apikeys/create.html", {"form": form})
    data = form.cleaned_data
    try:
        key, text = Key.objects.issue(
            request.user,
            data["name"],
            data["kind"],
            data["days"],
            actor=request.user,
            address=request.META.get("REMOTE_ADDR", ""),
            public_id=data["public_id"],
        )
    except IntegrityError:
        messages.info(
            request,
            "That form has made its key already, and its secret cannot be shown again. "
            "If you have not kept it, revoke the key and make another.",
        )
        return redirect("apikeys:list")
    pipe = request.user.pipes.filter(enabled=True).first()
    return render(request, "apikeys/shown_once.html", {"key": key, "text": text, "pipe": pipe})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request: SignedInRequest, public_id: str) -> HttpResponse:
    key = get_object_or_404(request.user.keys, public_id=public_id)
    if request.method != "POST":
        return render(request, "apikeys/revoke.html", {"key": key})
    if key.revoke(request.user, request.META.get("REMOTE_ADDR", "")):
        messages.success(request, f"“{key.name}” is revoked. Callers that use it get 401.")
    else:
        messages.info(request, f"“{key.name}” was revoked already.")
    return redirect("apikeys:list")
