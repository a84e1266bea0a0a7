"""Rules for the names and values of header fields that a flow may set (RFC 9110)."""

import re

from dynamic.flow.problems import StepFailed

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_FORBIDDEN_IN_VALUE = re.compile(r"[\r\n\0]")  # RFC 9110 5.5

# They belong to one connection or to the framing of one message (RFC 9110 7.6.1, RFC 9112 6).
CONNECTION_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def is_token(name: str) -> bool:
    return _TOKEN.fullmatch(name) is not None


def value_fault(value: str) -> str | None:
    """Tell why a value cannot be sent, or None when it can."""
    if _FORBIDDEN_IN_VALUE.search(value):
        return "holds a line break or a NUL"
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return "holds characters that a header cannot carry (only Latin-1 can)"
    return None


def checked_value(name: str, value: str) -> str:
    """Give the value without surrounding blanks; raise StepFailed when it cannot be sent."""
    fault = value_fault(value)
    if fault:
        raise StepFailed(f"The value of the header {name} {fault}.")
    return value.strip(" \t")
