"""Two runs side by side: what came in, how they ended, each step's outcome and time."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.models import Run
from dynamic.pages.flow_versions import difference
from dynamic.pages.json_field import pretty
from dynamic.pages.runs_filtering import runs_seen_by
from dynamic.pages.runs_steps import MOST_COMPARED, side_by_side
from dynamic.pages.runs_words import words_of

_RUN_ID = re.compile(r"[0-9a-f]{24}")


@login_required
@never_cache
@require_safe
def compare(request: SignedInRequest) -> HttpResponse:
    """`?a=` and `?b=` are ids of runs. Where the second is none that they may see, it says so."""
    runs = runs_seen_by(request.user)
    one: Run = get_object_or_404(runs, pk=_id(request, "a"))
    other = runs.filter(pk=_id(request, "b")).first()
    if other is None:
        messages.error(request, "There is no other run of that id. Copy it from the list of runs.")
        return redirect("runs:detail", one.pk)
    steps = side_by_side(one.trace, other.trace)
    page = {
        "one": one,
        "other": other,
        "facts": _facts(one, other),
        "input": _changed(one.input, other.input),
        "answer": _changed(one.answer, other.answer),
        "steps": steps,
        "differing": sum(step.differs for step in steps),
        "most_compared": MOST_COMPARED,
    }
    return render(request, "runs/compare.html", page)


def _id(request: SignedInRequest, name: str) -> str:
    given = request.GET.get(name, "").strip()
    if name == "a" and not _RUN_ID.fullmatch(given):
        raise Http404
    return given if _RUN_ID.fullmatch(given) else ""


def _facts(one: Run, other: Run) -> list[tuple[str, Any, Any, bool]]:
    """Words, the two values, and whether they differ where that is to be marked."""
    rows = [(word, *(read(run) for run in (one, other))) for word, read in _READ.items()]
    return [(word, a, b, a != b and word not in _ALWAYS_OTHERS) for word, a, b in rows]


_READ: dict[str, Callable[[Run], Any]] = {
    "Began (UTC)": lambda run: f"{run.started_at:%-d %b %Y, %H:%M:%S}",
    "Pipe": lambda run: run.pipe.name,
    "Flow": lambda run: run.flow_name,
    "Flow version": lambda run: run.flow_version or "",
    "Status": lambda run: words_of(run.status).label,
    "HTTP status": lambda run: run.http_status or "",
    "Message": lambda run: run.message,
    "Method": lambda run: run.method,
    "Key": lambda run: run.key_public_id,
    "From": lambda run: run.address or "",
    "Took": lambda run: f"{run.ms:.1f} ms",
}
_ALWAYS_OTHERS = ("Began (UTC)", "Took")


def _changed(one: Any, other: Any) -> dict[str, Any]:
    is_same = one == other
    return {"is_same": is_same, "lines": [] if is_same else difference(pretty(one), pretty(other))}
