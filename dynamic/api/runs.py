"""The runs of pipes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys.api.paging import Pages
from dynamic.api.owner import granted, owner
from dynamic.api.run_filters import RunFilters, filters_of
from dynamic.api.waiting import WAIT, wait_for_end
from dynamic.models import Pipe, Run
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
@extend_schema_view(
    list=extend_schema(parameters=[RunFilters]),
    retrieve=extend_schema(parameters=[WAIT]),
)
class RunViewSet(viewsets.ReadOnlyModelViewSet[Run]):
    """The runs of your pipes, newest first; one by its id, with input, answer and trace.

    `pipe` may name one that is shared with you, and the runs of such a one are found by their ids.
    """

    queryset = Run.objects.none()  # for the OpenAPI description
    lookup_value_regex = "[0-9a-f]{24}"
    pagination_class = NewestFirst

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        pipes = Pipe.objects.visible_to(owner(self.request))
        if self.action == "list":
            filters = filters_of(self.request)
            # Those of a pipe are its owner's: an index begins with owners.
            pipe = pipes.filter(pk=filters.pipe).first() if filters.pipe else None
            whose = pipe.owner_id if pipe else owner(self.request).pk
            runs = filtered(Run.objects.filter(owner=whose), filters).defer(*BODIES)
        else:
            runs = Run.objects.filter(pipe__in=pipes.values("pk"))
        only = granted(self.request)
        return runs if only is None else runs.filter(pipe__in=only)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        wait_for_end(request, self.get_queryset().filter(pk=kwargs["pk"]))
        return super().retrieve(request, *args, **kwargs)
