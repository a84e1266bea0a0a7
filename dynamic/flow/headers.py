"""Rules for the names and values of header fields (RFC 9110), on the way in and on the way out."""

import re

from dynamic.flow.problems import StepFailed

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2

# RFC 9110 section 5.5. The surrogates, because no encoding can carry one alone.
_NOT_IN_A_VALUE = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")

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


def is_token(text: str) -> bool:
    """Whether this may be a method or the name of a header."""
    return _TOKEN.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Whether this may be the value of a header."""
    return _NOT_IN_A_VALUE.search(text) is None


def value_fault(value: str) -> str | None:
    """Tell why a value cannot be sent, or None when it can."""
    if not is_value(value):
        return "holds a line break or another character that HTTP does not allow"
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
