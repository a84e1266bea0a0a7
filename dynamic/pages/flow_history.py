"""The versions of a flow, newest first, with the pipes that pin each."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

from dynamic.models import Flow, Pipe

_PER_PAGE = 50


def history_page(flow: Flow, pipes: "QuerySet[Pipe]", page: str | None) -> dict[str, Any]:
    """The context of templates/flows/history.html. `pipes` are those of the flow to be shown."""
    versions = Paginator(flow.versions.defer("source"), _PER_PAGE).get_page(page)
    pinning: dict[int | None, list[Pipe]] = {}
    for pipe in pipes.exclude(pinned=None):
        pinning.setdefault(pipe.pinned_id, []).append(pipe)
    return {
        "versions": versions,
        "history": [(version, pinning.get(version.pk, [])) for version in versions],
    }
