"""How every refusal of ours looks to a program: problem details (RFC 9457).

With `code`, which programs may rely on, and `request_id`, by which people ask about it.
"""

import secrets
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"

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
