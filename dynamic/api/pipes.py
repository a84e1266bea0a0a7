"""Pipes."""

from typing import Any, ClassVar, cast

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
from dynamic.api.archiving import ARCHIVED, Archives
from dynamic.api.checked import CheckedSerializer, require_free
from dynamic.api.owner import SHARED, flag, granted, owner, shared_or_own, whose, words
from dynamic.api.permissions import BY_SESSION, KeysLookAtTheirPipes
from dynamic.api.roles import ROLE, ByRole, RoleFields
from dynamic.models import Flow, FlowVersion, Pipe
from dynamic.models.pipe import METHODS, RULES


@extend_schema_field(serializers.CharField(help_text="A flow's `ref`: of your own, its slug."))
class FlowOfPipe(serializers.Field[Any, Any, str, Pipe]):
    """The flow as who asks knows it. A pipe runs a flow of its owner's; who changes a shared one
    chooses among those that are shared with him as well.
    """

    default_error_messages: ClassVar = {
        "does_not_exist": "You have no flow “{value}”.",
        "not_there": "The owner of this pipe shares no flow “{value}” with you.",
        "invalid": "Write the name of a flow.",
    }

    def get_attribute(self, instance: Pipe) -> Pipe:
        return instance

    def to_representation(self, value: Pipe) -> str:
        slug: str = value.flow.slug
        return slug if value.is_own else f"{slug}@{value.owner_id}"

    def to_internal_value(self, data: Any) -> Flow:
        if not isinstance(data, str):
            self.fail("invalid")
        pipe: Any = self.root.instance  # none where one is made
        if pipe and data == self.to_representation(pipe):
            return cast(Flow, pipe.flow)  # as it is, also where he does not see the flow
        flows = Flow.objects.visible_to(owner(self.context["request"])).named(data)
        flow: Flow | None = flows.filter(owner=whose(self.root)).first()
        if flow is None:
            is_own = pipe is None or pipe.is_own
            self.fail("does_not_exist" if is_own else "not_there", value=data)
        return flow


@extend_schema_field({"type": "integer", "minimum": 1, "nullable": True})
class PinnedVersion(serializers.IntegerField):
    """A version by its number; which flow's, is known only when all is read."""

    def to_representation(self, value: Any) -> Any:
        return value.number


class PipeSerializer(RoleFields, CheckedSerializer):
    flow = FlowOfPipe()
    pinned_version = PinnedVersion(
        source="pinned",
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="The number of the version that it runs; null for the latest published one.",
    )
    has_callback_secret = serializers.BooleanField(
        source="callback_secret",
        read_only=True,
        help_text="Whether it signs callbacks: else calls with Callback-Url are refused.",
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
            "has_callback_secret",
            "archived_at",
            *ROLE,
        ]
        read_only_fields: ClassVar = ["archived_at"]

    def validate_name(self, name: str) -> str:
        require_free(self, whose(self).pipes, "name", name)
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
class PipeViewSet(Archives, viewsets.ModelViewSet[Pipe]):
    """The pipes you own, and those shared with you; with a key, those of them that the key is not
    kept from, and to read alone.

    One that is deleted takes its runs with it; `enabled` switches it off and on. An editor changes
    a pipe and calls it, a viewer reads.
    """

    queryset = Pipe.objects.none()  # for the OpenAPI description
    permission_classes = [KeysLookAtTheirPipes, ByRole]
    owner_alone = frozenset({"destroy", "archive", "restore"})
    lookup_value_regex = "[0-9a-f]{24}"
    serializer_class = PipeSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Pipe]:
        pipes = Pipe.objects.visible_to(owner(self.request))
        pipes = pipes.select_related("owner", "flow", "pinned")
        only = granted(self.request)
        pipes = pipes if only is None else pipes.filter(pk__in=only)
        if self.action != "list":
            return pipes
        return self._searched(shared_or_own(self.request, self.apart(pipes)))

    def _searched(self, pipes: QuerySet[Pipe]) -> QuerySet[Pipe]:
        enabled = flag(self.request, "enabled")
        if enabled is not None:
            pipes = pipes.filter(enabled=enabled)
        for word in words(self.request):
            pipes = pipes.filter(Q(name__icontains=word) | Q(flow__slug__icontains=word))
        return pipes

    @extend_schema(
        parameters=[
            ARCHIVED,
            SHARED,
            OpenApiParameter("enabled", bool, description="Those that are on, or off."),
            OpenApiParameter("q", str, description="Words in name or flow."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=owner(self.request))
