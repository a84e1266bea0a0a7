"""The credentials of an owner's system: written and used, never read."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.api.checked import CheckedSerializer, require_free
from dynamic.api.owner import IN_PATH, system_of
from dynamic.api.permissions import BY_SESSION, NoKeys
from dynamic.api.pipes import ByName
from dynamic.api.roles import OwnersAlone
from dynamic.models import Credential, System
from dynamic.systems.standing import standing


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "string", "nullable": True}}
)
class ValuesField(serializers.JSONField):
    """An object of texts; null takes a value away."""


class CredentialSerializer(CheckedSerializer):
    values = ValuesField(
        write_only=True,
        required=False,
        help_text="What the system's authentication type asks for, such as "
        '{"username": "…", "secret": "…"}. PATCH keeps names left out; null removes one.',
    )
    values_held = serializers.SerializerMethodField()
    fits = serializers.SerializerMethodField(
        help_text="It holds what the system's authentication type asks for."
    )
    has_token = serializers.SerializerMethodField()
    token_expires_at = serializers.SerializerMethodField()

    class Meta:
        model = Credential
        fields: ClassVar = [
            "id",
            "name",
            "is_default",
            "base_url",
            "values",
            "values_held",
            "fits",
            "has_token",
            "token_expires_at",
            "changed_at",
        ]
        read_only_fields: ClassVar = ["is_default"]

    def validate_name(self, name: str) -> str:
        require_free(self, self.context["view"].system.credentials, "name", name)
        return name

    def validate_values(self, values: Any) -> dict[str, str]:
        if not isinstance(values, dict):
            raise serializers.ValidationError("Write an object of texts.")
        if no_texts := [name for name, value in values.items() if not _is_text(value)]:
            raise serializers.ValidationError(f"The value of {no_texts[0]} is no text.")
        kept = self.instance.values if self.instance and self.partial else {}
        return {name: value for name, value in (kept | values).items() if value is not None}

    def get_values_held(self, credential: Credential) -> list[str]:
        return sorted(credential.values)

    def get_fits(self, credential: Credential) -> bool:
        return standing(credential).fits

    def get_has_token(self, credential: Credential) -> bool:
        return standing(credential).held

    def get_token_expires_at(self, credential: Credential) -> datetime | None:
        return standing(credential).until


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


class IsDefault(APIException):
    status_code = 409
    default_code = "is_default"
    default_detail = (
        "Calls that name no credential use this one: make another one the default first."
    )


@extend_schema(
    tags=["Systems"],
    auth=BY_SESSION,
    parameters=[OpenApiParameter("system_slug", IN_PATH, OpenApiParameter.PATH)],
)
class CredentialViewSet(viewsets.ModelViewSet[Credential]):
    """A system's credentials, for its owner. By session alone; no answer holds a value."""

    queryset = Credential.objects.none()  # for the OpenAPI description
    permission_classes = [NoKeys, OwnersAlone]
    serializer_class = CredentialSerializer
    pagination_class = ByName
    lookup_value_regex = "[0-9]{1,18}"

    @cached_property
    def system(self) -> System:
        return system_of(self)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _ = self.system  # who may not do this hears nothing of what he sent

    def get_queryset(self) -> QuerySet[Credential]:
        return self.system.credentials.select_related("token")

    def perform_create(self, serializer: Any) -> None:
        """The first one is the default one."""
        is_first = not self.system.credentials.exists()
        serializer.save(system=self.system, is_default=is_first)

    def perform_destroy(self, instance: Credential) -> None:
        if instance.is_default and self.system.credentials.exclude(pk=instance.pk).exists():
            raise IsDefault
        instance.delete()

    @extend_schema(request=None, responses=CredentialSerializer)
    @action(detail=True, methods=["post"])
    def default(self, request: Request, system_slug: str, pk: str) -> Response:
        """Let calls that name no credential use this one."""
        credential = self.get_object()
        with transaction.atomic():
            credential.make_default()
        return Response(self.get_serializer(credential).data)
