"""What drf-spectacular cannot see of our API by itself, and the page that shows the API."""

from typing import Any

from drf_spectacular.views import SpectacularSwaggerSplitView

from apikeys.openapi import PLACES
from apikeys.problems import SCHEMA as PROBLEM

_JSON = "application/json"
_LISTENER = "/v1/dynamic/listener/{pipe_id}"
_AS_PROBLEM = {
    "description": "A problem (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook: errors of every operation, and the listener, which is no DRF view."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = _AS_PROBLEM
            _by_json_alone(operation)
    security: list[dict[str, Any]] = [{name: []} for name in PLACES]
    result["paths"][_LISTENER] = {
        method: _call(method, security) for method in ("get", "post", "put", "patch", "delete")
    }
    return result


def _by_json_alone(operation: dict[str, Any]) -> None:
    """Forms are read for the pages that show the API: most of what a body holds fits into none."""
    if content := operation.get("requestBody", {}).get("content"):
        operation["requestBody"]["content"] = {_JSON: content[_JSON]}


def _call(method: str, security: list[dict[str, Any]]) -> dict[str, Any]:
    anything: dict[str, Any] = {"application/json": {"schema": {}}}
    operation: dict[str, Any] = {
        "operationId": f"listener_{method}",
        "summary": "Call a pipe: its flow says what it takes and gives.",
        "tags": ["Listener"],
        "security": security,
        "parameters": [
            {
                "name": "pipe_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
            }
        ],
        "responses": {
            "200": {"description": "What the flow returns.", "content": anything},
            "default": _AS_PROBLEM,
        },
    }
    if method in {"post", "put", "patch"}:
        operation["requestBody"] = {"content": anything}
    return operation


class SwaggerView(SpectacularSwaggerSplitView):
    """In our page, from files of our own."""

    template_name = "integrator/swagger.html"
