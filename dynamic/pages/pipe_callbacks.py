"""The secret that a pipe signs its callbacks with: made, replaced, removed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from dynamic.models import Pipe
from dynamic.outbound.signing import new_secret


@sensitive_variables("secret")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pipe_callbacks(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    """The secret stands in the answer to a POST and nowhere else, ever."""
    pipe: Pipe = get_object_or_404(request.user.pipes, pk=pipe_id)
    page = {"pipe": pipe, "secret": "", "replaced": bool(pipe.callback_secret)}
    if request.method == "POST":
        page["secret"] = pipe.callback_secret = new_secret()
        pipe.save(update_fields=["callback_secret"])
    return render(request, "pipes/callbacks.html", page)


@login_required
@require_POST
def callback_secret_remove(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    pipe: Pipe = get_object_or_404(request.user.pipes, pk=pipe_id)
    pipe.callback_secret = ""
    pipe.save(update_fields=["callback_secret"])
    messages.success(
        request, "Its signing secret is removed. Callbacks are not sent any more, nor taken on."
    )
    return redirect("pipes:callbacks", pipe.pk)
