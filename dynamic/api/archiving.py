"""Systems, flows and pipes are archived and restored in one way, and listed apart."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.api.owner import flag
from dynamic.api.permissions import BY_SESSION
from dynamic.systems.archiving import ArchiveRefused, archive, restore

ARCHIVED = OpenApiParameter("archived", bool, description="The archived ones, not the others.")


class Refused(APIException):
    status_code = 409

    def __init__(self, refused: ArchiveRefused) -> None:
        super().__init__(str(refused), refused.code)


class Archives(viewsets.GenericViewSet[Any]):
    def apart(self, things: Any) -> Any:
        """Those that a list shows: the archived ones, or the others."""
        return things.archived() if flag(self.request, "archived") else things.current()

    @extend_schema(request=None, auth=BY_SESSION)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, **kwargs: str) -> Response:
        """Put it away; nothing of it is lost. Repeating it changes nothing.

        What runs a flow, and is not archived, keeps it from being archived: 409 `in_use`.
        """
        thing = self.get_object()
        try:
            archive(thing)
        except ArchiveRefused as refused:
            raise Refused(refused) from None
        return Response(self.get_serializer(thing).data)

    @extend_schema(request=None, auth=BY_SESSION)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **kwargs: str) -> Response:
        """Bring it back from the archive: 409 `flow_archived` where a flow it runs is archived."""
        thing = self.get_object()
        try:
            restore(thing)
        except ArchiveRefused as refused:
            raise Refused(refused) from None
        return Response(self.get_serializer(thing).data)
