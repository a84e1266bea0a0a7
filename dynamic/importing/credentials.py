"""Which names hold secrets, and how a system would send what a source had in its requests.

What opens a system belongs to its credentials, which are encrypted; other secrets (a password in
a form, a session token) become arguments. Neither is kept.
"""

import re
from typing import Any

from dynamic.importing.arguments import Arguments
from dynamic.importing.proposal import AuthHint

# Its bearer is the system: the request should not carry it by itself.
_OPENS_A_SYSTEM = re.compile(
    r"(proxy-)?authorization|cookie2?|(.*[-_])?(api|app|subscription|functions|access)[-_]?key"
    r"(?:[-_](?:id|token))?|(.*[-_])?(api|app|auth|access|bearer|private)[-_]?token"
    r"|(x[-_])?token|jwt|(.*[-_])?(api|client|app)[-_]?secret|x-amz-security-token",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"authorization|cookie|passw(?:or)?d|passphrase|secret|api[-_]?key|private[-_]?key"
    r"|(?:access|refresh|id|auth|bearer|jwt|csrf|xsrf|session)[-_]?token|^token$|^jwt$"
    r"|credential|session[-_]?id|signature|^sig$",
    re.IGNORECASE,
)
_LONG_KEY = re.compile(r"[A-Za-z0-9_-]{20,200}")
_BY_SCHEME: dict[str, AuthHint] = {"basic": "basic", "oauth": "oauth1"}
_UNKNOWN_SCHEMES = {"digest", "negotiate", "ntlm", "hawk", "aws4-hmac-sha256"}


def opens_a_system(name: str, value: str = "") -> bool:
    """Whether a header or parameter is the caller's proof to the system.

    `key` alone is too common a name, so its value tells.
    """
    name = name[:200]
    if name.lower() == "key":
        return _LONG_KEY.fullmatch(value) is not None
    return _OPENS_A_SYSTEM.fullmatch(name) is not None


def is_secret(name: str) -> bool:
    """Whether what stands under this name is nobody's business."""
    return _SECRET.search(name[:200]) is not None


def hint_of_header(name: str, value: str) -> tuple[AuthHint, str]:
    """Tell how a system would send this header: the type of its authentication, and a name."""
    if name.lower() in ("cookie", "cookie2", "proxy-authorization"):
        return "", ""
    if name.lower() != "authorization":
        return "header", name
    scheme = value[:40].strip().partition(" ")[0].lower()
    if scheme in _UNKNOWN_SCHEMES:
        return "", ""
    hint = _BY_SCHEME.get(scheme, "header")
    return hint, name if hint == "header" else ""


def secrets_to_arguments(value: Any, arguments: Arguments, hidden: list[str]) -> Any:
    """Copy a JSON body with an argument for each literal under a secret's name.

    Strings that hold an expression already stay. The names are added to `hidden`.
    """
    if isinstance(value, list):
        return [secrets_to_arguments(item, arguments, hidden) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {}
    for key, item in value.items():
        if is_secret(key) and is_literal_secret(item):
            hidden.append(key)
            copy[key] = str(arguments.take(key))
        else:
            copy[key] = secrets_to_arguments(item, arguments, hidden)
    return copy


def is_literal_secret(value: Any) -> bool:
    """Whether a value could be a secret itself: a number, or a text that is no expression."""
    if isinstance(value, str):
        return bool(value) and "{{ " not in value
    return isinstance(value, (int, float)) and not isinstance(value, bool)
