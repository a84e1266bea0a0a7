"""The list of one's own runs, or of a pipe's, newest first, page by page without counting them."""

import re
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.models import Run
from dynamic.pages.runs_filtering import FilterForm
from dynamic.pages.runs_words import Words, words_of
from dynamic.runs.export import MOST_LINES, MOST_ROWS
from dynamic.runs.filters import BODIES, filtered

PER_PAGE = 50
_RUN_ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Row:
    run: Run
    words: Words
    key: str  # its name, where it is still there


@dataclass(frozen=True, slots=True)
class Page:
    runs: list[Run]
    newer: str  # the id of the run that newer ones come after; "" where there are none
    older: str


@login_required
@never_cache
@require_safe
def run_list(request: SignedInRequest) -> HttpResponse:
    form = FilterForm(request.user, request.GET)
    filters = form.filters()
    asked = form.runs().defer(*BODIES)
    runs = asked.none() if filters is None else filtered(asked, filters)
    page = page_of(runs.select_related("pipe"), **_place(request))
    keys = {run.key_public_id for run in page.runs}
    names = dict(request.user.keys.filter(public_id__in=keys).values_list("public_id", "name"))
    rows = [Row(run, words_of(run.status), names.get(run.key_public_id, "")) for run in page.runs]
    more = f"{form.query}&" if form.query else ""
    context = {"form": form, "rows": rows, "page": page, "more": more}
    limits = {"most_rows": MOST_ROWS, "most_lines": MOST_LINES}
    return render(request, "runs/list.html", context | limits)


def page_of(runs: "QuerySet[Run]", before: str = "", after: str = "") -> Page:
    """The newest runs; those that are older than `before`; or those next newer than `after`."""
    if after:
        found = list(runs.filter(id__gt=after).order_by("id")[: PER_PAGE + 1])
        shown = found[:PER_PAGE][::-1]
        newer, older = len(found) > PER_PAGE, bool(shown)
    else:
        older_ones = runs.filter(id__lt=before) if before else runs
        found = list(older_ones.order_by("-id")[: PER_PAGE + 1])
        shown = found[:PER_PAGE]
        newer, older = bool(before and shown), len(found) > PER_PAGE
    return Page(shown, shown[0].pk if newer else "", shown[-1].pk if older else "")


def _place(request: SignedInRequest) -> dict[str, str]:
    for name in ("after", "before"):
        if _RUN_ID.fullmatch(place := request.GET.get(name, "")):
            return {name: place}
    return {}
