"""An owner's pipes."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys.api.paging import Pages
from dynamic.api.checked import CheckedSerializer, require_free
from dynamic.api.owner import flag, granted, owner
from dynamic.api.permissions import BY_SESSION, KeysLookAtTheirPipes
from dynamic.models import Flow, FlowVersion, Pipe
from dynamic.models.pipe import METHODS, RULES


class OwnFlow(serializers.SlugRelatedField[Flow]):
    """A flow of who asks, by its slug."""

    default_error_messages: ClassVar = {"does_not_exist": "You have no flow “{value}”."}

    def get_queryset(self) -> QuerySet[Flow]:
        request = self.context.get("request")  # none where the API is described
        return owner(request).flows.all() if request else Flow.objects.none()


@extend_schema_field({"type": "integer", "minimum": 1, "nullable": True})
class PinnedVersion(serializers.IntegerField):
    """A version by its number; which flow's, is known only when all is read."""

    def to_representation(self, value: Any) -> Any:
        return value.number


class PipeSerializer(CheckedSerializer):
    flow = OwnFlow(slug_field="slug")
    pinned_version = PinnedVersion(
        source="pinned",
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="The number of the version that it runs; null for the latest published one.",
    )
    methods = serializers.ListField(
        child=serializers.CharField(), required=False, help_text=f"Of {', '.join(METHODS)}."
    )
    redact_names = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Names of fields and headers whose values runs never keep.",
    )
    cache_headers = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Headers that make another answer, beside the query.",
    )
    alert_addresses = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Mail addresses that alerts go to; empty for the owner's.",
    )

    class Meta:
        model = Pipe
        fields: ClassVar = [
            "id",
            "name",
            "url",
            "flow",
            "pinned_version",
            *RULES,
        ]

    def validate_name(self, name: str) -> str:
        require_free(self, owner(self.context["request"]).pipes, "name", name)
        return name

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        pipe: Any = self.instance  # none where one is made, and then there is a flow
        flow = attrs.get("flow") or pipe.flow
        if (number := attrs.get("pinned")) is not None:
            attrs["pinned"] = _version(flow, number)
        elif self.partial and "pinned" not in attrs and pipe.pinned:
            _require_same(flow, pipe)
        return attrs


def _version(flow: Flow, number: int) -> FlowVersion:
    version: FlowVersion | None = flow.versions.filter(number=number).first()
    if version is None:
        raise serializers.ValidationError(
            {"pinned_version": f"The flow {flow.slug} has no version {number}."}
        )
    return version


def _require_same(flow: Flow, pipe: Pipe) -> None:
    if flow.pk != pipe.flow_id:
        raise serializers.ValidationError(
            {"pinned_version": "Send it with the flow: the pinned version is of another flow."}
        )


class ByName(Pages):
    ordering = ("name", "id")


@extend_schema(tags=["Pipes"])
@extend_schema_view(
    create=extend_schema(auth=BY_SESSION),
    update=extend_schema(auth=BY_SESSION),
    partial_update=extend_schema(auth=BY_SESSION),
    destroy=extend_schema(auth=BY_SESSION),
)
class PipeViewSet(viewsets.ModelViewSet[Pipe]):
    """The pipes you own; with a key, those of them that the key may call, and to read alone.

    One that is deleted takes its runs with it; `enabled` switches it off and on.
    """

    queryset = Pipe.objects.none()  # for the OpenAPI description
    permission_classes = [KeysLookAtTheirPipes]
    lookup_value_regex = "[0-9a-f]{24}"
    serializer_class = PipeSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Pipe]:
        pipes = owner(self.request).pipes.select_related("flow", "pinned")
        only = granted(self.request)
        pipes = pipes if only is None else pipes.filter(pk__in=only)
        return self._searched(pipes) if self.action == "list" else pipes

    def _searched(self, pipes: QuerySet[Pipe]) -> QuerySet[Pipe]:
        enabled = flag(self.request, "enabled")
        if enabled is not None:
            pipes = pipes.filter(enabled=enabled)
        for word in self.request.query_params.get("q", "").split():
            pipes = pipes.filter(Q(name__icontains=word) | Q(flow__slug__icontains=word))
        return pipes

    @extend_schema(
        parameters=[
            OpenApiParameter("enabled", bool, description="Those that are on, or off."),
            OpenApiParameter("q", str, description="Words in name or flow."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=owner(self.request))
