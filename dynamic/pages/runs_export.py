"""Downloads of what the filters of the list of runs show."""

from collections.abc import AsyncIterator, Callable, Iterator

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from dynamic.models import Run
from dynamic.pages.runs_filtering import FilterForm
from dynamic.runs.export import as_csv, as_json_lines
from dynamic.runs.filters import filtered


@login_required
@never_cache
@require_GET
def export_csv(request: SignedInRequest) -> HttpResponseBase:
    return _download(request, as_csv, "text/csv; charset=utf-8", "csv")


@login_required
@never_cache
@require_GET
def export_json_lines(request: SignedInRequest) -> HttpResponseBase:
    return _download(request, as_json_lines, "application/jsonl; charset=utf-8", "jsonl")


def _download(
    request: SignedInRequest,
    write: Callable[["QuerySet[Run]"], Iterator[str]],
    content_type: str,
    ending: str,
) -> HttpResponseBase:
    form = FilterForm(request.user, request.GET)
    filters = form.filters()
    if filters is None:  # the list says why
        return redirect(f"{reverse('runs:list')}?{form.query}")
    pieces = write(filtered(form.runs(), filters))
    name = f"runs-{timezone.now():%Y%m%d-%H%M%S}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(
        _streamed(request, pieces), content_type=content_type, headers=headers
    )


def _streamed(request: HttpRequest, pieces: Iterator[str]) -> Iterator[str] | AsyncIterator[str]:
    """Django keeps all of an iterator in memory that is not of its server's kind."""
    return _from_afar(pieces) if isinstance(request, ASGIRequest) else pieces


async def _from_afar(pieces: Iterator[str]) -> AsyncIterator[str]:
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
