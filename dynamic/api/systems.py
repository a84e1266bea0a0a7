"""An owner's systems."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.api.archiving import ARCHIVED, Archives
from dynamic.api.checked import CheckedSerializer, require_free
from dynamic.api.imports import ImportedSerializer, ImportSerializer, import_calls
from dynamic.api.owner import REF, SHARED, by_ref, owner, shared_or_own, whose, words
from dynamic.api.permissions import BY_SESSION, KeysOnlyRead
from dynamic.api.pipes import ByName
from dynamic.api.roles import REF_AND_ROLE, ByRole, RefFields
from dynamic.api.rows import RowsField
from dynamic.api.trials import TrialSerializer, TryConnectionSerializer
from dynamic.models import Health, System
from dynamic.systems.trying import try_connection

# What its owner alone changes of a system.
OWNERS = ("slug", "base_url", "auth_type", "auth")
OWNER_CHANGES = "Only its owner changes this: leave it as it is."


class HealthSerializer(serializers.ModelSerializer[Health]):
    class Meta:
        model = Health
        fields: ClassVar = ["is_up", "message", "since", "checked_at"]


class SystemSerializer(RefFields, CheckedSerializer):
    common_query = RowsField(required=False)
    common_headers = RowsField(required=False)
    common_body = RowsField(required=False)
    health = HealthSerializer(default=None, read_only=True, allow_null=True)

    class Meta:
        model = System
        fields: ClassVar = [
            "slug",
            "name",
            "description",
            "base_url",
            "auth_type",
            "auth",
            "common_query",
            "common_headers",
            "common_body",
            "connect_timeout",
            "read_timeout",
            "token_failures",
            "most_at_once",
            "health_minutes",
            "health_path",
            "health",
            "archived_at",
            *REF_AND_ROLE,
        ]
        read_only_fields: ClassVar = ["archived_at"]

    def validate_slug(self, slug: str) -> str:
        if self.instance is None or self.instance.is_own:  # else `update` refuses another one
            require_free(self, whose(self).systems, "slug", slug)
        return slug

    def update(self, instance: System, validated_data: dict[str, Any]) -> System:
        """An editor could else send the owner's credentials elsewhere, or break the flows that call
        it by its slug.
        """
        if not instance.is_own:
            new = self._initial_values() | validated_data
            sent = [name for name in OWNERS if name in new]
            if changed := [name for name in sent if new[name] != getattr(instance, name)]:
                raise serializers.ValidationError({name: [OWNER_CHANGES] for name in changed})
        updated: System = super().update(instance, validated_data)
        return updated


@extend_schema(tags=["Systems"])
@extend_schema_view(
    create=extend_schema(auth=BY_SESSION),
    update=extend_schema(auth=BY_SESSION),
    partial_update=extend_schema(auth=BY_SESSION),
)
class SystemViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    Archives,
):
    """Your systems, and those shared with you. A key that is not limited to some pipes may read
    them, and no more.

    An editor changes all but what decides where credentials are sent; a viewer reads.
    """

    queryset = System.objects.none()  # for the OpenAPI description
    permission_classes = [KeysOnlyRead, ByRole]
    owner_alone = frozenset({"archive", "restore"})
    serializer_class = SystemSerializer
    pagination_class = ByName
    lookup_field = "slug"
    lookup_value_regex = REF

    def get_object(self) -> Any:
        return by_ref(self)

    def get_queryset(self) -> QuerySet[System]:
        systems = System.objects.visible_to(owner(self.request)).select_related("owner", "health")
        if self.action != "list":
            return systems
        systems = self.apart(systems)
        for word in words(self.request):
            named = Q(name__icontains=word) | Q(slug__icontains=word)
            systems = systems.filter(named | Q(base_url__icontains=word))
        found: QuerySet[System] = shared_or_own(self.request, systems)
        return found

    @extend_schema(
        parameters=[
            ARCHIVED,
            SHARED,
            OpenApiParameter("q", str, description="Words in name, slug or base URL."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=owner(self.request))

    @extend_schema(request=TryConnectionSerializer, responses=TrialSerializer, auth=BY_SESSION)
    @action(detail=True, methods=["post"], serializer_class=TryConnectionSerializer)
    def test(self, request: Request, slug: str) -> Response:
        """Ask for its health check path. It may take a minute; see `ok`, not the status."""
        system = self.get_object()
        serializer = TryConnectionSerializer(data=request.data, context={"system": system})
        serializer.is_valid(raise_exception=True)
        return Response(try_connection(system, **serializer.validated_data).as_dict())

    @extend_schema(request=ImportSerializer, responses=ImportedSerializer, auth=BY_SESSION)
    @action(detail=True, methods=["post"], url_path="import", serializer_class=ImportSerializer)
    def import_calls(self, request: Request, slug: str) -> Response:
        """API calls from a pasted source. A call that is there already is never replaced."""
        system = self.get_object()
        serializer = ImportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(import_calls(system, serializer.validated_data))
