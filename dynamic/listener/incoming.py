"""What came in: one `Call`, the same whichever door it used, and what a flow gets to see of it."""

import codecs
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import orjson

from apikeys.presented import MOST_PARAMETERS, PARAMETERS, SECRET_HEADERS
from dynamic.flow.runner import Input
from dynamic.listener.answer import Refusal

DEEPEST_JSON = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a pipe. `read_body(limit)` raises a `Refusal` beyond that many bytes."""

    request_id: str
    method: str
    pipe_id: str
    query: bytes
    headers: list[tuple[bytes, bytes]]  # names in lower case, as in ASGI
    address: str
    read_body: Callable[[int], Awaitable[bytes]]


def _bad_body(detail: str) -> Refusal:
    return Refusal(400, "invalid_body", detail)


def _unknown_media_type(detail: str) -> Refusal:
    return Refusal(415, "unsupported_media_type", detail)


def body_too_large(limit: int) -> Refusal:
    return Refusal(413, "body_too_large", f"The body is larger than {limit} bytes.")


def flow_input(call: Call, pairs: list[tuple[str, str]], body: bytes) -> Input:
    """What the flow sees: no credential, and as `payload` the body, or the query where none is."""
    query = as_object((name, value) for name, value in pairs if name not in PARAMETERS)
    headers = joined(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in call.headers
        if name not in SECRET_HEADERS
    )
    payload = query if call.method in {"GET", "HEAD"} else _payload(headers, body)
    return Input(payload=payload, query=query, headers=headers, method=call.method)


def _payload(headers: dict[str, str], body: bytes) -> Any:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _unknown_media_type("Send the body without Content-Encoding.")
    if not body:
        return None
    kind = Message()
    kind["Content-Type"] = headers.get("content-type", "application/json")
    media_type = kind.get_content_type()
    if media_type == "application/json" or media_type.endswith("+json"):
        return _json(body)
    if media_type == "application/x-www-form-urlencoded":
        return _form(body)
    if media_type.startswith("text/"):
        return _text(body, kind)
    raise _unknown_media_type(
        f"The body is {media_type}; send application/json, application/x-www-form-urlencoded "
        "or text/plain."
    )


def _json(body: bytes) -> Any:
    try:
        value = orjson.loads(body.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise _bad_body(f"The body is not JSON (RFC 8259, in UTF-8): {error}.") from None
    if body.count(b"[") + body.count(b"{") > DEEPEST_JSON:
        _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    """Refuse what could be read, but not written down again: orjson writes 254 levels."""
    level = [value]
    for _ in range(DEEPEST_JSON):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise _bad_body(f"The body is JSON of more than {DEEPEST_JSON} levels; send it flatter.")


def _form(body: bytes) -> dict[str, Any]:
    try:
        return as_object(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=False,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        )
    except ValueError:
        raise _bad_body(
            "The body is not a form: percent-encoded UTF-8 of at most "
            f"{MOST_PARAMETERS} fields. To send JSON, say Content-Type: application/json."
        ) from None


def _text(body: bytes, kind: Message) -> str:
    try:
        text = body.decode(kind.get_content_charset("utf-8"))
        text.encode()  # some codecs give lone surrogates, which no JSON can hold
    except LookupError:
        raise _unknown_media_type("The charset is not known; send UTF-8.") from None
    except ValueError:
        raise _bad_body("The body is not text in the charset that its Content-Type says.") from None
    return text


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as one value a name (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def as_object(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A name that comes once is text, one that comes more often a list of texts."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: items[0] if len(items) == 1 else items for name, items in values.items()}
