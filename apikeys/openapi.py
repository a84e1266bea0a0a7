"""How keys are presented, for the OpenAPI description (drf-spectacular finds this by import)."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

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
