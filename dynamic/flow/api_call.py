"""One API call of a system, as far as a flow needs it: arguments in, `Request` out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from dynamic.flow.bodies import Body, BodyKind, compile_body
from dynamic.flow.exchange import Request
from dynamic.flow.expressions import Constant, as_text
from dynamic.flow.headers import CONNECTION_HEADERS, checked_value, is_token, value_fault
from dynamic.flow.problems import CallInvalid
from dynamic.flow.rows import Row, Rows, compile_field, compile_rows, pairs, values
from dynamic.flow.statuses import SUCCESSFUL
from dynamic.flow.target import Target

__all__ = ["ApiCall", "BodyKind", "Row"]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Everything about a call but its arguments, compiled once for many requests."""

    name: str  # "system/call", as flows name it
    method: str
    target: Target
    query: Rows
    headers: Rows
    body: Body | None
    fine: frozenset[int]  # statuses that mean success
    waits: bool  # whether `request` waits for another process, which an event loop should not

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
        fine: frozenset[int] = SUCCESSFUL,
    ) -> Self:
        """Check and compile all fields; in rows, path and body stand `{{ expressions }}`.

        `body` is as `bodies.compile_body` takes it. Raises CallInvalid (an ExpressionInvalid)
        naming the field.
        """
        if not is_token(method):
            raise CallInvalid("method", f"{method!r} is not an HTTP method.")
        where = compile_field("path", path)
        rows, names = compile_rows("query", query), _headers(headers)
        content = compile_body(body_kind, body)
        templates = [where, *(template for _, template in (*rows, *names))]
        templates += content.templates if content else ()
        return cls(
            name=name,
            method=method.upper(),
            target=Target(base_url, where),
            query=rows,
            headers=names,
            body=content,
            fine=fine,
            waits=any(template.waits for template in templates),
        )

    def request(self, args: dict[str, Any], credential: str = "") -> Request:
        """Build the request for the arguments of one step.

        Raises CallArguments, or another StepFailed when an expression or a header value fails.
        """
        url = self.target.url(args)
        query = "&".join(
            f"{_encode(key)}={_encode(value)}" for key, value in pairs(self.query, args)
        )
        headers = [
            (name, checked_value(name, as_text(value)))
            for name, value in values(self.headers, args)
        ]
        body = None
        if self.body is not None:
            body, content_type = self.body.encode(args)
            if not any(name.lower() == "content-type" for name, _ in headers):
                headers.append(("Content-Type", content_type))
        return Request(
            api=self.name,
            method=self.method,
            url=f"{url}?{query}" if query else url,
            headers=tuple(headers),
            body=body,
            credential=credential,
        )


def _headers(rows: Sequence[Row]) -> Rows:
    compiled = compile_rows("headers", rows)
    for index, (name, template) in enumerate(compiled):
        where = f"headers[{index}]"
        if not is_token(name):
            raise CallInvalid(f"{where}.key", f"{name!r} is not a header name.")
        if name.lower() in CONNECTION_HEADERS:
            raise CallInvalid(f"{where}.key", f"{name} is set by the connection itself.")
        if isinstance(template, Constant) and (fault := value_fault(template.value)):
            raise CallInvalid(f"{where}.value", f"The value {fault}.")
    return compiled


def _encode(text: str) -> str:
    return quote(text, safe="")
