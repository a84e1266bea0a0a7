"""Pipes as documents for other tools, to download."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from dynamic.describing.described import Described, describe_all, describe_one
from dynamic.describing.openapi import openapi
from dynamic.describing.postman import postman
from dynamic.models import Pipe

_ALL = "Pipes"


@login_required
@never_cache
@require_safe
def openapi_of_all(request: SignedInRequest) -> HttpResponse:
    return _file(openapi, "openapi", describe_all(request.user), _ALL)


@login_required
@never_cache
@require_safe
def postman_of_all(request: SignedInRequest) -> HttpResponse:
    return _file(postman, "postman_collection", describe_all(request.user), _ALL)


@login_required
@never_cache
@require_safe
def openapi_of_one(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    pipe = _described(request, pipe_id)
    return _file(openapi, "openapi", [pipe], pipe.name)


@login_required
@never_cache
@require_safe
def postman_of_one(request: SignedInRequest, pipe_id: str) -> HttpResponse:
    pipe = _described(request, pipe_id)
    return _file(postman, "postman_collection", [pipe], pipe.name)


def _described(request: SignedInRequest, pipe_id: str) -> Described:
    """Raises Http404, also for somebody else's."""
    pipes = Pipe.objects.visible_to(request.user).select_related("flow", "pinned")
    return describe_one(get_object_or_404(pipes, pk=pipe_id))


def _file(
    write: Callable[[Sequence[Described], str], dict[str, Any]],
    kind: str,
    pipes: Sequence[Described],
    title: str,
) -> HttpResponse:
    body = orjson.dumps(write(pipes, title), option=orjson.OPT_INDENT_2)
    name = f"{slugify(title) or 'pipe'}.{kind}.json"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(body, content_type="application/json", headers=headers)
