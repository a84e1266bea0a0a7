"""An owner's systems."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.api.checked import CheckedSerializer, require_free
from dynamic.api.imports import ImportedSerializer, ImportSerializer, import_calls
from dynamic.api.owner import SLUG, flag, owner
from dynamic.api.permissions import BY_SESSION, KeysOnlyRead
from dynamic.api.pipes import ByName
from dynamic.api.rows import RowsField
from dynamic.api.trials import TrialSerializer, TryConnectionSerializer
from dynamic.models import Health, System
from dynamic.systems.trying import try_connection


class HealthSerializer(serializers.ModelSerializer[Health]):
    class Meta:
        model = Health
        fields: ClassVar = ["is_up", "message", "since", "checked_at"]


class SystemSerializer(CheckedSerializer):
    common_query = RowsField(required=False)
    common_headers = RowsField(required=False)
    common_body = RowsField(required=False)
    health = HealthSerializer(default=None, read_only=True)

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
        ]
        read_only_fields: ClassVar = ["archived_at"]

    def validate_slug(self, slug: str) -> str:
        require_free(self, owner(self.context["request"]).systems, "slug", slug)
        return slug


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
    viewsets.GenericViewSet[System],
):
    """Your systems. A key that is not limited to some pipes may read them, and no more."""

    queryset = System.objects.none()  # for the OpenAPI description
    permission_classes = [KeysOnlyRead]
    serializer_class = SystemSerializer
    pagination_class = ByName
    lookup_field = "slug"
    lookup_value_regex = SLUG

    def get_queryset(self) -> QuerySet[System]:
        systems = owner(self.request).systems.select_related("health")
        if self.action != "list":
            return systems
        archived = flag(self.request, "archived") or False
        systems = systems.filter(archived_at__isnull=not archived)
        for word in self.request.query_params.get("q", "").split():
            named = Q(name__icontains=word) | Q(slug__icontains=word)
            systems = systems.filter(named | Q(base_url__icontains=word))
        return systems

    @extend_schema(
        parameters=[
            OpenApiParameter("archived", bool, description="The archived ones, not the others."),
            OpenApiParameter("q", str, description="Words in name, slug or base URL."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=owner(self.request))

    @extend_schema(request=None, responses=SystemSerializer, auth=BY_SESSION)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: str) -> Response:
        """Put it away: flows cannot make its calls. Repeating it changes nothing."""
        system = self.get_object()
        if system.archived_at is None:
            system.archived_at = timezone.now()
            system.save(update_fields=["archived_at"])
        return Response(self.get_serializer(system).data)

    @extend_schema(request=None, responses=SystemSerializer, auth=BY_SESSION)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, slug: str) -> Response:
        """Bring it back from the archive."""
        system = self.get_object()
        system.archived_at = None
        system.save(update_fields=["archived_at"])
        return Response(self.get_serializer(system).data)

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
