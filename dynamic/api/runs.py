"""The runs of an owner's pipes."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets

from apikeys.api.paging import Pages
from dynamic.api.owner import granted, owner
from dynamic.models import Run


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
            runs = runs.defer("input", "answer", "trace")
        only = granted(self.request)
        return runs if only is None else runs.filter(pipe__in=only)
