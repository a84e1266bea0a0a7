"""One API call of a system, as far as a flow needs it: arguments in, `Request` out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self
from urllib.parse import quote, urlencode

import orjson

from dynamic.flow.exchange import Request
from dynamic.flow.expressions import MISSING, Constant, Template, as_text, compile_template
from dynamic.flow.headers import CONNECTION_HEADERS, checked_value, is_token, value_fault
from dynamic.flow.problems import CallArguments, CallInvalid, ExpressionInvalid
from dynamic.flow.target import Target

BodyKind = Literal["none", "json", "form", "text"]

_CONTENT_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A named value; the value may hold expressions."""

    key: str
    value: str


_Rows = tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Everything about a call but its arguments, compiled once for many requests."""

    name: str  # "system/call", as flows name it
    method: str
    target: Target
    query: _Rows
    headers: _Rows
    body_kind: BodyKind
    body: Template | _Rows | None

    @classmethod
    def compile(
        cls,
        *,
        name: str,
        method: str,
        base_url: str,
        path: str = "",
        query: Sequence[Row] = (),
        headers: Sequence[Row] = (),
        body_kind: BodyKind = "none",
        body: Any = None,
    ) -> Self:
        """Check and compile all fields; in rows, path and body stand `{{ expressions }}`.

        `body` is any JSON value for "json", a list of rows `{"key": …, "value": …}` for "form",
        one string for "text". Raises CallInvalid (an ExpressionInvalid) naming the field.
        """
        if not is_token(method):
            raise CallInvalid("method", f"{method!r} is not an HTTP method.")
        return cls(
            name=name,
            method=method.upper(),
            target=Target(base_url, _template("path", path)),
            query=_rows("query", query),
            headers=_headers(headers),
            body_kind=body_kind,
            body=_body(body_kind, body),
        )

    def request(self, args: dict[str, Any]) -> Request:
        """Build the request for the arguments of one step.

        Raises CallArguments, or another StepFailed when an expression or a header value fails.
        """
        url = self.target.url(args)
        query = "&".join(
            f"{_encode(key)}={_encode(value)}" for key, value in _pairs(self.query, args)
        )
        headers = [
            (name, checked_value(name, as_text(value)))
            for name, value in _values(self.headers, args)
        ]
        body = self._encoded_body(args)
        if body is not None and not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", _CONTENT_TYPES[self.body_kind]))
        return Request(
            api=self.name,
            method=self.method,
            url=f"{url}?{query}" if query else url,
            headers=tuple(headers),
            body=body,
        )

    def _encoded_body(self, args: dict[str, Any]) -> bytes | None:
        if self.body is None:
            return None
        if isinstance(self.body, tuple):
            return urlencode(list(_pairs(self.body, args))).encode()
        value = self.body.evaluate(args)
        if value is MISSING:
            raise CallArguments("The body has no value: its expression finds nothing.")
        return orjson.dumps(value) if self.body_kind == "json" else as_text(value).encode()


def _template(field_name: str, value: Any) -> Template:
    try:
        return compile_template(value)
    except ExpressionInvalid as error:
        raise CallInvalid(field_name, str(error)) from None


def _rows(field_name: str, rows: Sequence[Row]) -> _Rows:
    for index, row in enumerate(rows):
        if not row.key:
            raise CallInvalid(f"{field_name}[{index}].key", "A row needs a key.")
    return tuple(
        (row.key, _template(f"{field_name}[{index}].value", row.value))
        for index, row in enumerate(rows)
    )


def _headers(rows: Sequence[Row]) -> _Rows:
    compiled = _rows("headers", rows)
    for index, (name, template) in enumerate(compiled):
        where = f"headers[{index}]"
        if not is_token(name):
            raise CallInvalid(f"{where}.key", f"{name!r} is not a header name.")
        if name.lower() in CONNECTION_HEADERS:
            raise CallInvalid(f"{where}.key", f"{name} is set by the connection itself.")
        if isinstance(template, Constant) and (fault := value_fault(template.value)):
            raise CallInvalid(f"{where}.value", f"The value {fault}.")
    return compiled


def _body(kind: BodyKind, body: Any) -> Template | _Rows | None:
    match kind:
        case "none":
            return None
        case "json":
            return _template("body", body)
        case "text":
            if not isinstance(body, str):
                raise CallInvalid("body", "A text body is one string.")
            return _template("body", body)
        case "form":
            return _rows("body", _form_rows(body))
    raise CallInvalid("body_kind", f"{kind!r} is not none, json, form or text.")


def _form_rows(body: Any) -> list[Row]:
    try:
        rows = [Row(row["key"], row["value"]) for row in body]
    except (TypeError, KeyError):
        raise CallInvalid("body", "A form body is a list of rows with key and value.") from None
    if any(not isinstance(row.key, str) for row in rows):
        raise CallInvalid("body", "The keys of a form body are text.")
    return rows


def _encode(text: str) -> str:
    return quote(text, safe="")


def _values(rows: _Rows, args: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, template in rows:
        value = template.evaluate(args)
        if value is not MISSING and value is not None:
            yield key, value


def _pairs(rows: _Rows, args: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the rows as text: a list repeats its key, null and nothing leave the row out."""
    for key, value in _values(rows, args):
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield key, as_text(item)
