"""The runs of an owner's pipes."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from apikeys.api.paging import Pages
from dynamic.api.owner import granted, owner
from dynamic.api.run_filters import RunFilters, filters_of
from dynamic.models import Run
from dynamic.runs.filters import BODIES, filtered


class RunSerializer(serializers.ModelSerializer[Run]):
    key = serializers.CharField(source="key_public_id")

    class Meta:
        model = Run
        fields: ClassVar = [
            "id",
            "pipe",
            "key",
            "request_id",
            "flow_version",
            "method",
            "status",
            "http_status",
            "message",
            "started_at",
            "ms",
        ]


class RunDetailSerializer(RunSerializer):
    input = serializers.JSONField()
    answer = serializers.JSONField()
    trace = serializers.JSONField()

    class Meta(RunSerializer.Meta):
        fields: ClassVar = [*RunSerializer.Meta.fields, "address", "input", "answer", "trace"]


class NewestFirst(Pages):
    ordering = "-id"


@extend_schema(tags=["Runs"])
@extend_schema_view(list=extend_schema(parameters=[RunFilters]))
class RunViewSet(viewsets.ReadOnlyModelViewSet[Run]):
    """The runs of your pipes, newest first; one by its id, with input, answer and trace."""

    queryset = Run.objects.none()  # for the OpenAPI description
    lookup_value_regex = "[0-9a-f]{24}"
    pagination_class = NewestFirst

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        runs = owner(self.request).runs.all()
        if self.action == "list":
            runs = filtered(runs, filters_of(self.request)).defer(*BODIES)
        only = granted(self.request)
        return runs if only is None else runs.filter(pipe__in=only)
