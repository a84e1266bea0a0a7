"""How keys are presented and what is refused, for the OpenAPI description. drf-spectacular finds
this by import.
"""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from rest_framework.serializers import ModelSerializer

# An access token or a JWT, in any one of the places that `apikeys.presented` reads.
PLACES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An access token or a JWT."},
    "keyHeader": {"type": "apiKey", "in": "header", "name": "Access-Token"},
}
if settings.QUERY_CREDENTIALS:
    PLACES["keyInQuery"] = {"type": "apiKey", "in": "query", "name": "access_token"}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apikeys.authentication.KeyAuthentication"
    name = list(PLACES)

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in PLACES]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return list(PLACES.values())


class Strict(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """An unknown field is an error, and a needed one is needed whatever the method."""

    target_class = "apikeys.api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        schema = {**schema, "additionalProperties": False}
        if not isinstance(self.target, ModelSerializer):
            # A PATCH, too, wants what these want, such as the password.
            required = [name for name, field in self.target.fields.items() if field.required]
            schema |= {"required": sorted(required)} if required else {}
        return schema
