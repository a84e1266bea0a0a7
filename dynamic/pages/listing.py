"""What the lists of systems, flows and pipes have in common: a search, and the archive apart."""

from typing import Any

from django.utils.http import urlencode

from accounts.requests import SignedInRequest
from dynamic.models.askable import askable

_SEARCH_FROM = 10  # things: fewer are seen at a glance


def listed(request: SignedInRequest, things: Any) -> tuple[Any, dict[str, Any]]:
    """Those that the list is of, and what its page tells of them.

    `?archived` asks for the archived ones, which are not among the others. `?q` is the `query`, for
    the view to search by; `more` are the parameters for the links to other pages of the list.
    """
    archived = "archived" in request.GET
    shown, others = things.current(), things.archived()
    if archived:
        shown, others = others, shown
    query = askable(request.GET.get("q", "")).strip()
    count = shown.count()
    return shown, {
        "archived": archived,
        "others": others.count(),
        "query": query,
        "more": urlencode({"q": query} | ({"archived": ""} if archived else {})) + "&",
        "count": count,
        "searchable": query or count >= _SEARCH_FROM,
    }
