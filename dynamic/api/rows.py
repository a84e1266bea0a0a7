"""Rows, as the model holds and checks them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class RowSerializer(serializers.Serializer[Any]):
    """For the OpenAPI description: one named value of a request."""

    label = serializers.CharField(required=False)  # type: ignore[assignment]
    key = serializers.CharField()
    value = serializers.CharField(required=False, help_text="It may hold {{ expressions }}.")
    filename = serializers.CharField(required=False, help_text="Of a file in a multipart body.")
    content_type = serializers.CharField(required=False)


@extend_schema_field(RowSerializer(many=True))
class RowsField(serializers.JSONField):
    pass
