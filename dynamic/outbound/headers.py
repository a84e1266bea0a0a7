"""The head of a message: what may go out, and what a flow is shown of what comes in."""

from multidict import CIMultiDict, CIMultiDictProxy

from dynamic.flow.exchange import Refused, Request
from dynamic.flow.headers import is_token, is_value
from dynamic.outbound.body import ACCEPT_ENCODING

# How a message is framed and how its connection is kept is our side of the connection's affair
# (RFC 9110 section 7.6.1, RFC 9112 section 6), and only our own codings can be read back.
_OURS = {
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


def outgoing(request: Request, user_agent: str) -> CIMultiDict[str]:
    """The request's headers, without those that are not a call's to set.

    Raises `Refused` when the method or a header cannot be sent as HTTP.
    """
    if not is_token(request.method):
        raise Refused(f"{request.method[:40]!r} cannot be the method of a request.")
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in request.headers:
        if not is_token(name):
            raise Refused(f"{name[:40]!r} cannot be the name of a header.")
        if not is_value(value):
            raise Refused(
                f"The value of the header {name[:40]} holds a line break or another "
                "character that HTTP does not allow."
            )
        if name.lower() not in _OURS:
            headers.add(name, value)
    headers["Accept-Encoding"] = ACCEPT_ENCODING
    headers.setdefault("User-Agent", user_agent)
    return headers


def incoming(headers: CIMultiDictProxy[str]) -> dict[str, str]:
    """The answer's headers: lower-case names, repeated values joined (RFC 9110 section 5.3).

    Without Set-Cookie: a system's cookies are no data, and are not kept for the next call.
    """
    shown: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        if key != "set-cookie":
            text = _readable(value)
            shown[key] = f"{shown[key]}, {text}" if key in shown else text
    return shown


def _readable(value: str) -> str:
    # aiohttp keeps bytes that are not UTF-8 as lone surrogates, which no JSON can hold. What is
    # not UTF-8 is ISO-8859-1, HTTP's charset of old (RFC 9110 section 5.5).
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="surrogateescape").decode("iso-8859-1")
    return value
