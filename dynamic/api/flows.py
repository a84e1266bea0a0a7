"""An owner's flows: their drafts, checked and published."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.api.archiving import ARCHIVED, Archives
from dynamic.api.checked import saving
from dynamic.api.drafts import (
    CheckSerializer,
    FlowRowSerializer,
    FlowSerializer,
    ProblemsSerializer,
    PublishSerializer,
)
from dynamic.api.flow_versions import VersionDetailSerializer
from dynamic.api.in_use import delete_unused
from dynamic.api.matching import ETAG, IF_MATCH, require_match, tagged
from dynamic.api.owner import REF, SHARED, by_ref, owner, shared_or_own, words
from dynamic.api.permissions import BY_SESSION, KeysOnlyReadFlows
from dynamic.api.pipes import ByName
from dynamic.api.roles import ByRole
from dynamic.flow.problems import DocumentInvalid
from dynamic.models import Flow, FlowVersion
from dynamic.systems.drafts import problems_of, with_state


class CannotRun(APIException):
    status_code = 409
    default_code = "cannot_run"


@extend_schema(tags=["Flows"])
@extend_schema_view(
    retrieve=extend_schema(parameters=[ETAG]),
    create=extend_schema(auth=BY_SESSION, parameters=[ETAG]),
    update=extend_schema(auth=BY_SESSION, parameters=[IF_MATCH, ETAG]),
    partial_update=extend_schema(auth=BY_SESSION, parameters=[IF_MATCH, ETAG]),
    destroy=extend_schema(auth=BY_SESSION, parameters=[IF_MATCH]),
)
class FlowViewSet(Archives, viewsets.ModelViewSet[Flow]):
    """Your flows, and those shared with you. A key that is not limited to some pipes may read
    them, and no more.

    A draft that cannot run is kept; see `problems`. One that pipes or other flows run cannot be
    deleted: 409 `in_use`. One that is shared is checked against its owner's API calls and flows,
    as it runs with these; an editor changes and publishes it, a viewer reads.
    """

    queryset = Flow.objects.none()  # for the OpenAPI description
    permission_classes = [KeysOnlyReadFlows, ByRole]
    owner_alone = frozenset({"destroy", "archive", "restore"})
    serializer_class = FlowSerializer
    pagination_class = ByName
    lookup_field = "slug"
    lookup_value_regex = REF

    def get_object(self) -> Any:
        return by_ref(self)

    def get_queryset(self) -> QuerySet[Flow]:
        flows = Flow.objects.visible_to(owner(self.request)).select_related("owner")
        if self.action in {"update", "partial_update", "destroy", "publish"}:
            return flows.select_for_update(of=("self",))
        if self.action != "list":
            return flows
        return self._searched(shared_or_own(self.request, self.apart(flows)))

    def _searched(self, flows: QuerySet[Flow]) -> QuerySet[Flow]:
        for word in words(self.request):
            flows = flows.filter(Q(name__icontains=word) | Q(slug__icontains=word))
        return with_state(flows).defer("draft")

    @extend_schema(
        parameters=[
            ARCHIVED,
            SHARED,
            OpenApiParameter("q", str, description="Words in name or slug."),
        ],
        responses=FlowRowSerializer(many=True),
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(FlowRowSerializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return tagged(super().retrieve(request, *args, **kwargs))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return tagged(super().create(request, *args, **kwargs))

    @transaction.atomic
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return tagged(super().update(request, *args, **kwargs))

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().destroy(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        with saving():
            serializer.save(owner=owner(self.request))

    def perform_update(self, serializer: Any) -> None:
        """Where it is what was sent already, another state before that is no conflict: this may
        be the repeat of a request whose answer was lost (RFC 9110, 13.1.1)."""
        flow = serializer.instance
        if any(getattr(flow, name) != new for name, new in serializer.validated_data.items()):
            require_match(self.request, flow)
            with saving():
                serializer.save()

    def perform_destroy(self, instance: Flow) -> None:
        require_match(self.request, instance)
        delete_unused(instance)

    @extend_schema(
        request=CheckSerializer,
        responses=ProblemsSerializer,
        auth=BY_SESSION,
    )
    @action(detail=True, methods=["post"], serializer_class=CheckSerializer)
    def check(self, request: Request, slug: str) -> Response:
        """What would be wrong with a draft. Nothing is saved."""
        flow = self.get_object()
        serializer = CheckSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        flow.draft = serializer.validated_data["draft"]
        return Response({"problems": [problem.as_dict() for problem in problems_of(flow)]})

    @extend_schema(
        request=PublishSerializer,
        responses={200: VersionDetailSerializer, 201: VersionDetailSerializer},
        parameters=[IF_MATCH],
        auth=BY_SESSION,
    )
    @action(detail=True, methods=["post"], serializer_class=PublishSerializer)
    @transaction.atomic
    def publish(self, request: Request, slug: str) -> Response:
        """Make the draft the newest version: 201; 200 where the latest version is this draft."""
        flow = self.get_object()
        serializer = PublishSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        require_match(request, flow)
        latest = flow.latest
        version = _published(flow, serializer.validated_data["note"])
        status = 200 if latest and latest.number == version.number else 201
        return Response(VersionDetailSerializer(version).data, status)


def _published(flow: Flow, note: str) -> FlowVersion:
    """Raises CannotRun, which tells the first problem."""
    try:
        return flow.publish(note)
    except DocumentInvalid as error:
        raise CannotRun(
            f"Nothing is published: the draft cannot run, see its `problems`: {error.problems[0]}"
        ) from None
