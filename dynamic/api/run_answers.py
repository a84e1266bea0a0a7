"""The answer of a run whose caller did not wait for it."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from apikeys.verify import Caller
from dynamic.api.owner import granted, owner
from dynamic.api.waiting import WAIT, wait_for_end
from dynamic.listener.answer import Answer
from dynamic.listener.async_answers import answer_of
from dynamic.listener.view import response_of
from dynamic.models import AsyncCall, Run
from dynamic.runs.callers import called_by

RETRY_AFTER = 2  # seconds


class _Whatever(DefaultContentNegotiation):
    """The answer is the flow's, whatever `Accept` and `?format=` say."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


@extend_schema(
    tags=["Runs"],
    parameters=[WAIT],
    responses={
        200: OpenApiResponse({}, "What the flow returned, with its status and headers."),
        202: OpenApiResponse({}, "The run has not ended: `Retry-After` says when to ask again."),
    },
)
class RunAnswerView(APIView):
    """The pipe's answer, as the call would have had it: for 24 hours, to the key that called."""

    content_negotiation_class = _Whatever

    @property
    def default_response_headers(self) -> dict[str, str]:
        # The listener gives none, and what is refused here wants one (RFC 9110, 15.5.6).
        known = self.allowed_methods
        return {} if self.request.method in known else {"Allow": ", ".join(known)}

    def get(self, request: Request, id: str) -> HttpResponse:
        runs = called(request).filter(pk=id)
        get_object_or_404(runs)
        if AsyncCall.objects.filter(pk=id).exists():
            wait_for_end(request, runs)
        run = get_object_or_404(runs)
        call = AsyncCall.objects.filter(pk=id).defer("given").first()
        request_id = request._request.request_id  # type: ignore[attr-defined]
        answer = answer_of(run, call, request_id) or _not_ended(run)
        return response_of(answer, with_body=request.method != "HEAD")


def called(request: Request) -> "QuerySet[Run]":
    """The runs that who asks has called: with this key, or signed in with any of one's own."""
    runs = called_by(owner(request))
    if not isinstance(request.auth, Caller):
        return runs
    runs = runs.filter(key_public_id=request.auth.record.public_id)
    only = granted(request)
    return runs if only is None else runs.filter(pipe__in=only)


def _not_ended(run: Run) -> Answer:
    value = {"run": run.pk, "status": run.status}
    headers = {"Retry-After": str(RETRY_AFTER), "Run-Id": run.pk, "Run-Status": run.status}
    return Answer(202, orjson.dumps(value), "application/json", headers)
