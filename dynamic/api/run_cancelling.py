"""Ending a run whose caller does not wait for it, over REST."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apikeys.verify import Caller
from dynamic.api.owner import owner
from dynamic.api.run_answers import called
from dynamic.api.runs import RunSerializer
from dynamic.models import Run
from dynamic.runs.callers import cancellable_by
from dynamic.runs.cancelling import Asked, ask_to_cancel


class CannotCancel(APIException):
    status_code = 409


@extend_schema(
    tags=["Runs"],
    request=None,
    responses={
        200: OpenApiResponse(RunSerializer, "It had not begun, and never will."),
        202: OpenApiResponse(RunSerializer, "It is under way, and ends within moments."),
    },
)
class CancelRunView(APIView):
    """End a run of an asynchronous call: by the key that called, or the pipe's owner signed in.

    What it has written until then is written. 409 `run_ended` where it has ended; `not_async`
    where its caller waits for it.
    """

    def post(self, request: Request, id: str) -> Response:
        runs = _cancellable(request).filter(pk=id)
        get_object_or_404(runs)
        asked = ask_to_cancel(id, timezone.now())
        run = get_object_or_404(runs)
        if asked is Asked.ENDED:
            raise CannotCancel(f"The run has ended already: {run.status}.", "run_ended")
        if asked is Asked.NOT_ASYNC:
            detail = "Its caller waits for this run, so it ends by itself, or by its deadline."
            raise CannotCancel(detail, "not_async")
        return Response(RunSerializer(run).data, 200 if asked is Asked.CANCELLED else 202)


def _cancellable(request: Request) -> "QuerySet[Run]":
    if isinstance(request.auth, Caller):
        return called(request)
    return cancellable_by(owner(request))
