"""The authentication types there are, for programs that set up systems."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.models.auth_types import AUTH_TYPES, Entry


class ChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class EntrySerializer(serializers.Serializer[Any]):
    """One thing to know: of the system's `auth`, or of a credential's `values`."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=["text", "secret", "choice", "rows", "calls"])
    required = serializers.BooleanField()  # type: ignore[assignment]
    initial = serializers.JSONField()
    help = serializers.CharField()
    choices = serializers.SerializerMethodField()

    @extend_schema_field(ChoiceSerializer(many=True))
    def get_choices(self, entry: Entry) -> list[dict[str, str]]:
        return [{"value": value, "label": label} for value, label in entry.choices]


class AuthTypeSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    about = serializers.CharField()
    settings = EntrySerializer(many=True)
    credential = EntrySerializer(many=True)
    any_values = serializers.BooleanField(help_text="A credential holds values of any name.")
    has_token = serializers.BooleanField(help_text="A token is obtained, kept and renewed.")


@extend_schema(tags=["Systems"])
class AuthTypeViewSet(viewsets.ViewSet):
    """Ways to authenticate: what a system's `auth` and a credential's `values` are to hold."""

    @extend_schema(responses=AuthTypeSerializer(many=True))
    def list(self, request: Request) -> Response:
        types: Iterable[Any] = AUTH_TYPES.values()
        return Response(AuthTypeSerializer(types, many=True).data)
