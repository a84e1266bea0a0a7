"""Forget the answers that a pipe has kept."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from dynamic.listener.cache import purge
from dynamic.models import Pipe


@login_required
@require_POST
def pipe_purge(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    pipe: Pipe = get_object_or_404(Pipe.objects.editable_by(request.user), pk=pipe_id)
    purge(pipe)
    messages.success(request, "Its kept answers are forgotten, on every server within a second.")
    return redirect("pipes:detail", pipe.pk)
