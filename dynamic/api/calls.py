"""The API calls of a system."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.api.checked import CheckedSerializer, require_free
from dynamic.api.in_use import require_unused
from dynamic.api.owner import IN_PATH, SLUG, flag, owner, system_of
from dynamic.api.permissions import BY_SESSION, KeysOnlyRead
from dynamic.api.pipes import ByName
from dynamic.api.roles import ByRole
from dynamic.api.rows import RowsField
from dynamic.api.trials import TrialSerializer, TryCallSerializer
from dynamic.models import ApiCall, System
from dynamic.systems.trying import try_call


class CallSerializer(CheckedSerializer):
    query = RowsField(required=False)
    headers = RowsField(required=False)
    sample_response = serializers.JSONField(
        required=False, allow_null=True, help_text="A body that it may answer."
    )

    class Meta:
        model = ApiCall
        fields: ClassVar = [
            "slug",
            "full_name",
            "name",
            "description",
            "active",
            "method",
            "path",
            "query",
            "headers",
            "body_kind",
            "body",
            "skip_auth",
            "connect_timeout",
            "read_timeout",
            "fine_statuses",
            "follow_redirects",
            "retry",
            "paging",
            "sample_arguments",
            "sample_response",
        ]

    def validate_slug(self, slug: str) -> str:
        require_free(self, self.context["view"].system.calls, "slug", slug)
        return slug


@extend_schema(
    tags=["Systems"], parameters=[OpenApiParameter("system_slug", IN_PATH, OpenApiParameter.PATH)]
)
@extend_schema_view(
    create=extend_schema(auth=BY_SESSION),
    update=extend_schema(auth=BY_SESSION),
    partial_update=extend_schema(auth=BY_SESSION),
    destroy=extend_schema(auth=BY_SESSION),
)
class CallViewSet(viewsets.ModelViewSet[ApiCall]):
    """A system's API calls. A key that is not limited to some pipes may read them, and no more.

    A call that a flow makes, in its draft or in a version that a pipe may run, cannot be deleted
    nor get another slug: 409 `in_use`. Of a system that is shared, an editor changes, makes, tries
    and deletes them, a viewer reads.
    """

    queryset = ApiCall.objects.none()  # for the OpenAPI description
    permission_classes = [KeysOnlyRead, ByRole]
    serializer_class = CallSerializer
    pagination_class = ByName
    lookup_field = "slug"
    lookup_value_regex = SLUG

    @cached_property
    def system(self) -> System:
        return system_of(self)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _ = self.system  # who may not do this hears nothing of what he sent

    def get_queryset(self) -> QuerySet[ApiCall]:
        calls = self.system.calls.all()
        active = flag(self.request, "active") if self.action == "list" else None
        return calls if active is None else calls.filter(active=active)

    @extend_schema(parameters=[OpenApiParameter("active", bool)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(system=self.system)

    def perform_update(self, serializer: Any) -> None:
        call = serializer.instance
        if serializer.validated_data.get("slug", call.slug) != call.slug:
            require_unused(call, owner(self.request))
        serializer.save()

    def perform_destroy(self, instance: ApiCall) -> None:
        require_unused(instance, owner(self.request))
        instance.delete()

    @extend_schema(request=TryCallSerializer, responses=TrialSerializer, auth=BY_SESSION)
    @action(detail=True, methods=["post"], serializer_class=TryCallSerializer)
    def test(self, request: Request, system_slug: str, slug: str) -> Response:
        """Make the call. It may take a minute; see `ok`, not the status of this answer."""
        call = self.get_object()
        serializer = TryCallSerializer(data=request.data, context={"system": self.system})
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        arguments = wanted.get("arguments", call.sample_arguments)
        trial = try_call(call, wanted["credential"], arguments, fresh_token=wanted["fresh_token"])
        return Response(trial.as_dict())
