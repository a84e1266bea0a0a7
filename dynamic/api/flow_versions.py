"""What was published of a flow."""

from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets

from apikeys.api.paging import Pages
from dynamic.api.owner import IN_PATH, owner
from dynamic.api.permissions import KeysOnlyReadFlows
from dynamic.models import Flow, FlowVersion


class VersionSerializer(serializers.ModelSerializer[FlowVersion]):
    class Meta:
        model = FlowVersion
        fields: ClassVar = ["number", "note", "published_at"]


class VersionDetailSerializer(VersionSerializer):
    class Meta(VersionSerializer.Meta):
        fields: ClassVar = [*VersionSerializer.Meta.fields, "source"]


class NewestFirst(Pages):
    ordering = "-number"


@extend_schema(
    tags=["Flows"], parameters=[OpenApiParameter("flow_slug", IN_PATH, OpenApiParameter.PATH)]
)
class FlowVersionViewSet(viewsets.ReadOnlyModelViewSet[FlowVersion]):
    """A flow's versions, newest first; one by its number, with its source. They never change."""

    queryset = FlowVersion.objects.none()  # for the OpenAPI description
    permission_classes = [KeysOnlyReadFlows]
    pagination_class = NewestFirst
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,9}"

    def get_serializer_class(self) -> type[VersionSerializer]:
        return VersionDetailSerializer if self.action == "retrieve" else VersionSerializer

    def get_queryset(self) -> QuerySet[FlowVersion]:
        flows = Flow.objects.visible_to(owner(self.request))
        flow: Flow = get_object_or_404(flows.named(self.kwargs["flow_slug"]))
        versions: QuerySet[FlowVersion] = flow.versions.all()
        return versions.defer("source") if self.action == "list" else versions
