"""Pipes as an OpenAPI 3.0.3 document: https://spec.openapis.org/oas/v3.0.3"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from dynamic.describing import answers
from dynamic.describing.described import Described
from dynamic.importing.slugs import Slugs

_BODIES = ("application/json", "application/x-www-form-urlencoded", "text/plain")
_RUN_HEADERS = {name: {"$ref": f"#/components/headers/{name}"} for name in answers.HEADERS}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A call that is repeated with the same key runs the flow once.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def openapi(pipes: Sequence[Described], title: str) -> dict[str, Any]:
    """The document. It names its operations after the pipes."""
    slugs = Slugs()
    schemes = _security_schemes()
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": settings.SITE_URL}],
        "security": [{name: []} for name in schemes],
        "paths": {
            pipe.url.removeprefix(settings.SITE_URL): {
                method.lower(): _operation(pipe, method, slugs) for method in _methods(pipe)
            }
            for pipe in pipes
        },
        "components": {
            "securitySchemes": schemes,
            "schemas": {"Problem": answers.PROBLEM, "Failure": answers.ENVELOPE},
            "headers": {
                name: {"description": told, "schema": {"type": "string"}}
                for name, told in answers.HEADERS.items()
            },
        },
    }


def _security_schemes() -> dict[str, Any]:
    """Each place that a key may stand in (docs/calling-a-pipe.md), the best one first."""
    schemes: dict[str, Any] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token or a JWT."},
        "accessTokenHeader": {"type": "apiKey", "in": "header", "name": "Access-Token"},
        "authorizationAccessToken": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "With the word `access_token` and a space before the key.",
        },
        "underscoreHeader": {
            "type": "apiKey",
            "in": "header",
            "name": "access_token",
            "description": "Many proxies drop it, as its name has an underscore.",
        },
    }
    if settings.QUERY_CREDENTIALS:
        for name in ("access_token", "token", "jwt_token"):
            schemes[f"{name}InQuery"] = {"type": "apiKey", "in": "query", "name": name}
    return schemes


def _methods(pipe: Described) -> list[str]:
    return ["GET", "HEAD", *pipe.methods[1:]] if "GET" in pipe.methods else list(pipe.methods)


def _operation(pipe: Described, method: str, slugs: Slugs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": slugs.make(f"{method.lower()}-{pipe.name}"),
        "summary": pipe.name,
        "responses": _responses(pipe),
    }
    if method in {"GET", "HEAD"}:
        if parameters := _parameters(pipe.schema):
            operation["parameters"] = parameters
        return operation
    operation["parameters"] = [_IDEMPOTENCY_KEY]
    if method != "DELETE":  # OpenAPI 3.0 knows of no body there
        operation["requestBody"] = _body(pipe.schema)
    return operation


def _parameters(schema: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Of a read: the input's properties, if it is an object."""
    given = schema or {}
    wanted = given.get("required", [])
    known: dict[str, Any] = given.get("properties", {})
    return [
        {"name": name, "in": "query", "required": name in wanted, "schema": known.get(name, {})}
        for name in dict.fromkeys([*known, *wanted])
    ]


def _body(schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"content": {kind: {"schema": {}} for kind in _BODIES}}
    content = {"application/json": {"schema": schema}}
    if "properties" in schema:
        content["application/x-www-form-urlencoded"] = {"schema": schema}
    return {"required": True, "content": content}


def _responses(pipe: Described) -> dict[str, Any]:
    told = answers.BEFORE_THE_RUN | (answers.OF_NO_RUN if pipe.compat else answers.OF_THE_RUN)
    returned: dict[str, Any] = {}
    description = "What the flow returns."
    if pipe.compat:
        returned = {"anyOf": [{}, {"$ref": "#/components/schemas/Failure"}]}
        description = "What the flow returns; where it failed, an envelope (see `Run-Status`)."
    return {
        "200": _response(description, {"application/json": {"schema": returned}}),
        "204": _response("The flow returns nothing."),
        **{str(status): _response(text, _PROBLEM) for status, text in sorted(told.items())},
        "default": _response("What the flow returns or fails with, with a status that it chose."),
    }


def _response(description: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    response: dict[str, Any] = {"description": description, "headers": _RUN_HEADERS}
    return response | ({"content": content} if content else {})
