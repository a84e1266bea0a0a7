"""The list of pipes, and a pipe's own page."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.describing.described import describe, sources_of, with_version
from dynamic.describing.snippets import snippets
from dynamic.models import Flow, FlowVersion, Pipe, Run, System
from dynamic.pages.listing import listed
from dynamic.pages.pipe_activity import MOST, activity_of, is_cut
from dynamic.pages.pipe_systems import systems_of
from dynamic.pages.runs_words import words_of

PER_PAGE = 50
LAST_RUNS = 20


@login_required
@never_cache
@require_safe
def pipe_list(request: SignedInRequest) -> HttpResponse:
    listed_pipes, page = listed(request, Pipe.objects.visible_to(request.user))
    found = with_version(listed_pipes.select_related("flow", "owner"))
    for word in page["query"].split():
        of_flow = Q(flow__name__icontains=word) | Q(flow__slug__icontains=word)
        found = found.filter(Q(name__icontains=word) | Q(pk=word.lower()) | of_flow)
    pipes = Paginator(_with_last_call(found), PER_PAGE).get_page(request.GET.get("page"))
    rows = _rows(list(pipes))
    page |= {
        "pipes": pipes,
        "rows": rows,
        "most": MOST if is_cut(row["activity"] for row in rows) else 0,
    }
    return render(request, "pipes/list.html", page)


def _with_last_call(pipes: Any) -> Any:
    """Each with its `last_call`, and the `version_number` that it runs."""
    last = Run.objects.filter(pipe=OuterRef("pk")).order_by("-pk").values("started_at")[:1]
    number = FlowVersion.objects.filter(pk=OuterRef("version_id")).values("number")
    return pipes.annotate(last_call=Subquery(last), version_number=Subquery(number)).order_by(
        "name", "id"
    )


def _rows(pipes: list[Pipe]) -> list[dict[str, Any]]:
    ids = [pipe.pk for pipe in pipes]
    # By the owners as well, since the index of runs begins with them.
    runs = Run.objects.filter(owner__in={pipe.owner_id for pipe in pipes}, pipe__in=ids)
    activity = activity_of(runs, ids) if ids else {}
    systems = systems_of(pipes)
    return [
        {"pipe": pipe, "activity": activity[pipe.pk], "systems": systems[pipe.pk]} for pipe in pipes
    ]


@login_required
@never_cache
@require_safe
def pipe_detail(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    seen = Pipe.objects.visible_to(request.user).select_related("flow", "pinned", "owner")
    pipe: Pipe = get_object_or_404(_with_last_call(with_version(seen)), pk=pipe_id)
    systems = systems_of([pipe])[pipe.pk]
    known = System.objects.visible_to(request.user).in_bulk([system.pk for system in systems])
    source = next(iter(sources_of([pipe]).values()), None)
    activity = activity_of(pipe.runs.all(), [pipe.pk])[pipe.pk]
    page = {
        "pipe": pipe,
        "is_published": source is not None,
        # Their names are known to who has the pipe; their pages only where they see them.
        "systems": [(system, known.get(system.pk)) for system in systems],
        "flow": Flow.objects.visible_to(request.user).filter(pk=pipe.flow_id).first(),
        "activity": activity,
        "most": MOST if is_cut([activity]) else 0,
        "runs": [
            {"run": run, "words": words_of(run.status)}
            for run in pipe.runs.defer("input", "answer", "trace")[:LAST_RUNS]
        ],
        "addresses": settings.OUTBOUND_ADDRESSES,
        "snippets": snippets(describe(pipe, source)),
    }
    return render(request, "pipes/detail.html", page)
