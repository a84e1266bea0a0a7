"""The secret that a pipe signs its callbacks with, over REST."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dynamic.api.owner import owner
from dynamic.api.permissions import BY_SESSION, KeysLookAtTheirPipes
from dynamic.models import Pipe
from dynamic.outbound.signing import new_secret


class CallbackSecretSerializer(serializers.Serializer[Any]):
    callback_secret = serializers.CharField(help_text="As libraries of Standard Webhooks take it.")


@extend_schema(tags=["Pipes"], auth=BY_SESSION)
class CallbackSecretView(APIView):
    """The signing secret of a pipe that you own. `has_callback_secret` of the pipe tells of it."""

    permission_classes = [KeysLookAtTheirPipes]

    @extend_schema(request=None, responses={201: CallbackSecretSerializer})
    def post(self, request: Request, id: str) -> Response:
        """Make a secret, in place of one that there is. It stands in this answer, nowhere else."""
        secret = new_secret()
        _set(request, id, secret)
        return Response({"callback_secret": secret}, 201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        """Remove the secret: callbacks are neither sent any more, nor taken on."""
        _set(request, id, "")
        return Response(status=204)


def _set(request: Request, pipe_id: str, secret: str) -> None:
    pipe: Pipe = get_object_or_404(owner(request).pipes, pk=pipe_id)
    pipe.callback_secret = secret
    pipe.save(update_fields=["callback_secret"])
