"""REST: an owner's pipes and runs, to programs (by key) and in the browsable API (by session)."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request

from accounts.models import User
from apikeys.api.paging import Pages
from apikeys.verify import Caller
from dynamic.models import Pipe, Run

_ID = "[0-9a-f]{24}"


class PipeSerializer(serializers.ModelSerializer[Pipe]):
    flow = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    pinned_version = serializers.IntegerField(
        source="pinned.number", default=None, read_only=True, allow_null=True
    )
    methods = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Pipe
        fields: ClassVar = [
            "id",
            "name",
            "url",
            "flow",
            "pinned_version",
            "enabled",
            "methods",
            "deadline",
            "body_limit",
        ]


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


class ByName(Pages):
    ordering = ("name", "id")


class NewestFirst(Pages):
    ordering = "-id"


@extend_schema(tags=["Pipes"])
class PipeViewSet(viewsets.ReadOnlyModelViewSet[Pipe]):
    """The pipes you own; with a key, those of them that the key may call."""

    queryset = Pipe.objects.none()  # for the OpenAPI description
    lookup_value_regex = _ID
    serializer_class = PipeSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Pipe]:
        pipes = _owner(self.request).pipes.select_related("flow", "pinned")
        return (
            pipes if (granted := _granted(self.request)) is None else pipes.filter(pk__in=granted)
        )


@extend_schema(tags=["Runs"])
class RunViewSet(viewsets.ReadOnlyModelViewSet[Run]):
    """The runs of your pipes, newest first; one by its id, with input, answer and trace."""

    queryset = Run.objects.none()  # for the OpenAPI description
    lookup_value_regex = _ID
    pagination_class = NewestFirst

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        runs = _owner(self.request).runs.all()
        if self.action == "list":
            runs = runs.defer("input", "answer", "trace")
        granted = _granted(self.request)
        return runs if granted is None else runs.filter(pipe__in=granted)


def _owner(request: Request) -> User:
    return cast(User, request.user)


def _granted(request: Request) -> frozenset[str] | None:
    """The pipes a key is limited to; None for all, and for a person signed in."""
    return request.auth.record.pipes if isinstance(request.auth, Caller) else None
