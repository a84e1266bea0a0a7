"""The bodies that a request may have: compiled once, encoded for the arguments of each request."""

import base64
import binascii
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import orjson

from dynamic.flow.expressions import MISSING, Constant, Template, Text, as_text
from dynamic.flow.problems import CallArguments, CallInvalid
from dynamic.flow.rows import Row, Rows, compile_field, compile_rows, pairs, read_rows, values

BodyKind = Literal["none", "json", "form", "multipart", "text", "xml"]


class Body(Protocol):
    @property
    def templates(self) -> Iterable[Template]:
        """All whose values are in it."""

    def encode(self, args: dict[str, Any]) -> tuple[bytes, str]:
        """Give the bytes and their content type. Raises StepFailed."""


@dataclass(frozen=True, slots=True)
class Json:
    value: Template

    @property
    def templates(self) -> Iterable[Template]:
        return (self.value,)

    def encode(self, args: dict[str, Any]) -> tuple[bytes, str]:
        try:
            return orjson.dumps(_found(self.value, args)), "application/json"
        except orjson.JSONEncodeError as error:  # parts that fit, and together are too deep
            raise CallArguments(f"The body cannot be written as JSON: {error}.") from None


@dataclass(frozen=True, slots=True)
class PlainText:
    value: Template

    @property
    def templates(self) -> Iterable[Template]:
        return (self.value,)

    def encode(self, args: dict[str, Any]) -> tuple[bytes, str]:
        return as_text(_found(self.value, args)).encode(), "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Xml:
    """A text whose expressions are escaped, so that no value can end its element or attribute.

    A body that is one expression and nothing else is taken as whole XML, and left as it is.
    """

    value: Template

    @property
    def templates(self) -> Iterable[Template]:
        return (self.value,)

    def encode(self, args: dict[str, Any]) -> tuple[bytes, str]:
        if isinstance(self.value, Text):
            text = "".join(map(_escaped(args), self.value.parts))
        else:
            text = as_text(_found(self.value, args))
        return text.encode(), "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Form:
    rows: Rows

    @property
    def templates(self) -> Iterable[Template]:
        return (template for _, template in self.rows)

    def encode(self, args: dict[str, Any]) -> tuple[bytes, str]:
        return urlencode(list(pairs(self.rows, args))).encode(), "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Multipart:
    """RFC 7578. A file's value is a text, or `{"base64": …}` as calls answer for binary data."""

    rows: Rows
    files: tuple[tuple[Template, str] | None, ...]  # of each row that is one: filename, type

    @property
    def templates(self) -> Iterable[Template]:
        yield from (template for _, template in self.rows)
        yield from (file[0] for file in self.files if file is not None)

    def encode(self, args: dict[str, Any]) -> tuple[bytes, str]:
        boundary = f"----integrator-{secrets.token_hex(16)}"
        body = b"".join(
            b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary.encode(), head.encode(), content)
            for head, content in self._parts(args)
        )
        return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"

    def _parts(self, args: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        for row, file in zip(self.rows, self.files, strict=True):
            for key, value in values((row,), args):
                head = f'Content-Disposition: form-data; name="{_quoted(key)}"'
                if file is not None:
                    filename, content_type = file
                    name = as_text(filename.evaluate(args))
                    head += f'; filename="{_quoted(name)}"\r\nContent-Type: {content_type}'
                    yield head, _content(key, value)
                    continue
                for item in value if isinstance(value, list) else [value]:
                    yield head, as_text(item).encode()


def compile_body(kind: BodyKind, body: Any) -> Body | None:
    """`body` is any JSON value for "json", rows for the two forms, one string for text and XML.

    Raises CallInvalid naming the field.
    """
    match kind:
        case "none":
            return None
        case "json":
            return Json(compile_field("body", body))
        case "text" | "xml":
            if not isinstance(body, str):
                raise CallInvalid("body", "A body of text or XML is one string.")
            return (PlainText if kind == "text" else Xml)(compile_field("body", body))
        case "form":
            return Form(compile_rows("body", read_rows("body", body)))
        case "multipart":
            return _multipart(read_rows("body", body))
    raise CallInvalid("body_kind", f"{kind!r} is not none, json, form, multipart, text or xml.")


def _multipart(rows: list[Row]) -> Multipart:
    files = tuple(_file(index, row) if row.filename else None for index, row in enumerate(rows))
    return Multipart(compile_rows("body", rows), files)


def _file(index: int, row: Row) -> tuple[Template, str]:
    content_type = row.content_type or "application/octet-stream"
    if not content_type.isprintable():
        raise CallInvalid(f"body[{index}].content_type", "It is not a content type.")
    return compile_field(f"body[{index}].filename", row.filename), content_type


def _found(template: Template, args: dict[str, Any]) -> Any:
    value = template.evaluate(args)
    if value is MISSING:
        raise CallArguments("The body has no value: its expression finds nothing.")
    return value


def _escaped(args: dict[str, Any]) -> Any:
    def write(part: Template) -> str:
        text = as_text(part.evaluate(args))
        return text if isinstance(part, Constant) else escape(text, {'"': "&quot;", "'": "&apos;"})

    return write


def _quoted(text: str) -> str:
    # As browsers do: https://html.spec.whatwg.org/#multipart-form-data
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _content(key: str, value: Any) -> bytes:
    if not isinstance(value, dict) or "base64" not in value:
        return as_text(value).encode()
    try:
        return base64.b64decode(value["base64"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise CallArguments(f"The file {key} is not base64.") from None
