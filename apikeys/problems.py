"""How every refusal of ours looks to a program: problem details (RFC 9457).

With `code`, which programs may rely on, and `request_id`, by which people ask about it.
"""

import secrets
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"

# One as OpenAPI tells it.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For programs; it will not change."},
        "detail": {"type": "string", "description": "For people."},
        "request_id": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def new_request_id() -> str:
    """32 hex characters; never taken from a caller, who could then choose another's."""
    return secrets.token_hex(16)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": _PHRASES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
