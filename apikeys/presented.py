"""Find the one credential a request presents. Pure: bytes in, text out.

Either kind is taken in each place (RFC 6750 section 2; the other names are those of the product
that callers come from):

    Authorization: Bearer X          Authorization: access_token X
    Access-Token: X                  access_token: X      (many proxies drop the latter)
    ?access_token=X                  ?token=X             ?jwt_token=X

More than one, or one twice, is refused (RFC 6750 section 2, last paragraph): which of the two
counts is what an attacker would like us to decide differently from the next reader.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

Place = Literal["header", "query"]
Headers = Iterable[tuple[bytes, bytes]]  # names in lower case, as ASGI gives them

PARAMETERS = frozenset({"access_token", "token", "jwt_token"})
HEADERS = frozenset({b"access-token", b"access_token"})
# Never shown to a flow or kept with a run: ours, the proxy's, and the browser's own.
SECRET_HEADERS = HEADERS | {b"authorization", b"proxy-authorization", b"cookie"}
MOST_PARAMETERS = 1000

_SCHEME = re.compile(rb"(?:bearer|access_token)(?: +(.*))?", re.IGNORECASE | re.DOTALL)


class InvalidRequest(ValueError):
    """The request as such is wrong (400). The message is for the caller."""


@dataclass(frozen=True, slots=True, repr=False)
class Presented:
    text: str
    place: Place


def parameters(query: bytes) -> list[tuple[str, str]]:
    """All parameters, decoded; raises `InvalidRequest` on too many or on bytes not UTF-8."""
    try:
        return parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise InvalidRequest("The query string is not percent-encoded UTF-8.") from None
    except ValueError:
        raise InvalidRequest(
            f"The query string has more than {MOST_PARAMETERS} parameters."
        ) from None


def raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """A Django request's headers in the form that ASGI gives them in."""
    return [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers.items()
    ]


def find(
    headers: Headers, pairs: Iterable[tuple[str, str]], *, query_allowed: bool
) -> Presented | None:
    """The credential among the headers and the query's parameters, or None where there is none.

    Raises `InvalidRequest` on more than one, and where `query_allowed` is off on one in the query.
    """
    found = [Presented(text, "header") for text in _in_headers(headers)]
    found += [Presented(value, "query") for name, value in pairs if name in PARAMETERS]
    if len(found) > 1:
        raise InvalidRequest("Send one credential, once: this request holds more than one.")
    if found and found[0].place == "query" and not query_allowed:
        raise InvalidRequest(
            "This site takes no credential in the query string; send Authorization: Bearer."
        )
    return found[0] if found else None


def _in_headers(headers: Headers) -> Iterable[str]:
    for name, value in headers:
        if name == b"authorization":
            match = _SCHEME.fullmatch(value.strip())
            # Another scheme, such as a proxy's Basic, is not addressed to us.
            if not match:
                continue
            value = match[1] or b""
        elif name not in HEADERS:
            continue
        # Servers may join two header lines to one with a comma (RFC 9110 section 5.3), which
        # no credential of ours contains.
        for text in value.split(b","):
            yield text.strip().decode("latin-1")
