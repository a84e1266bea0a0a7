"""The page of one run: who called, what came in, what each step did and when, what went out."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.models import Flow, Run
from dynamic.models.run import NOT_ENDED, QUEUED, RUNNING
from dynamic.pages.runs_async import of_async_call
from dynamic.pages.runs_filtering import runs_seen_by
from dynamic.pages.runs_words import words_of
from dynamic.pages.step_texts import MOST_SHOWN, StepTexts
from dynamic.pages.trial_text import value_text
from dynamic.runs.bodies import lacks_bodies
from dynamic.runs.filters import BODIES
from dynamic.simulating.replaying import version_of


@login_required
@never_cache
@require_safe
def run_detail(request: SignedInRequest, pk: str) -> HttpResponse:
    """With `?seen=` nothing (204) where the run stands as it did when that was given out."""
    runs = runs_seen_by(request.user)
    states = runs.filter(pk=pk).values_list("status", "ms")
    if request.GET.get("seen") in [_state(status, ms) for status, ms in states]:
        return HttpResponse(status=204)
    run: Run = get_object_or_404(runs, pk=pk)
    flows = Flow.objects.visible_to(request.user)
    others = Run.objects.filter(pipe=run.pipe_id).defer(*BODIES)
    page = {
        "run": run,
        "flow": flows.filter(pk=run.flow_id or 0).first(),
        "words": words_of(run.status),
        "is_running": run.status in NOT_ENDED,
        "is_queued": run.status == QUEUED,
        "seen": _state(run.status, run.ms),
        "key": request.user.keys.filter(public_id=run.key_public_id).first(),
        "version": version_of(run),
        "previous": others.filter(id__lt=run.pk).first(),
        "next": others.filter(id__gt=run.pk).order_by("id").first(),
        "lacks_bodies": lacks_bodies(run.input),
    }
    page |= of_async_call(run, request.user)
    return render(request, "runs/detail.html", page | _came_and_went(run) | _timeline(run))


def _state(status: str, ms: float) -> str:
    """By which it is told whether a run has gone on."""
    return f"{status} {ms}"


def _came_and_went(run: Run) -> dict[str, Any]:
    payload = run.input.get("payload")
    return {
        "query": run.input.get("query", {}),
        "headers": run.input.get("headers", {}),
        "payload_text": value_text(payload),
        "answer_text": value_text(run.answer),
    }


def _timeline(run: Run) -> dict[str, Any]:
    texts = StepTexts(_whole_of(run), goes_on=run.status == RUNNING)
    steps = texts.of(run.trace)
    return {
        "steps": steps,
        "so_far": run.ms / 1000,  # seconds
        "left_out": texts.left_out,
        "has_cuts": texts.has_cuts,
        "most_shown": MOST_SHOWN,
    }


def _whole_of(run: Run) -> float:
    """Milliseconds from the first step's clock to the end of the last one, or of the run."""
    ends = [
        (entry.get("at") or 0.0) + (entry.get("ms") or 0.0)
        for entry in run.trace
        if isinstance(entry, dict)
    ]
    return max([run.ms, *ends, 0.001])
