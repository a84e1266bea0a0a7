"""The page of one run: who called, what came in, what each step did and when, what went out."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.models import Run
from dynamic.models.run import RUNNING
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
    run: Run = get_object_or_404(request.user.runs.select_related("pipe__flow"), pk=pk)
    runs = Run.objects.filter(pipe=run.pipe_id).defer(*BODIES)
    page = {
        "run": run,
        "words": words_of(run.status),
        "is_running": run.status == RUNNING,
        "key": request.user.keys.filter(public_id=run.key_public_id).first(),
        "version": version_of(run),
        "previous": runs.filter(id__lt=run.pk).first(),
        "next": runs.filter(id__gt=run.pk).order_by("id").first(),
        "lacks_bodies": lacks_bodies(run.input),
    }
    return render(request, "runs/detail.html", page | _came_and_went(run) | _timeline(run))


def _came_and_went(run: Run) -> dict[str, Any]:
    payload = run.input.get("payload")
    return {
        "query": run.input.get("query", {}),
        "headers": run.input.get("headers", {}),
        "payload_text": value_text(payload),
        "answer_text": value_text(run.answer),
    }


def _timeline(run: Run) -> dict[str, Any]:
    texts = StepTexts(_whole_of(run))
    steps = texts.of(run.trace)
    return {
        "steps": steps,
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
