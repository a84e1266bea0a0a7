"""From an answer's bytes and content type to data that a flow can use.

    nothing                     None
    JSON                        the value
    text (any other, HTML, XML) a string
    anything else               {"base64": ..., "content_type": ..., "size": bytes}

JSON integers beyond 64 bits become floats: that is how orjson, and JavaScript, read them.
"""

import base64
import codecs
import re
from dataclasses import dataclass
from typing import Any

import orjson

from dynamic.flow.exchange import Unusable

Bytes = bytes | bytearray

# orjson reads 1,024 levels but writes 254. What is read must be able to leave again, inside the
# few levels that an answer or a trace puts around it.
DEEPEST_JSON = 200
_ORJSON_WRITES = 254

# The longer mark first: UTF-32 little-endian begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Python's codecs that are no character sets: some can be made to take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}

_TEXT = re.compile(
    r"text/.+|.+\+(xml|yaml)"
    r"|application/(xml|yaml|x-yaml|javascript|ecmascript|graphql|sql|x-ndjson|json-seq|jsonl"
    r"|x-www-form-urlencoded)"
)
_JSON = re.compile(r"(application|text)/json|.+\+json")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]+)', re.IGNORECASE)


def decode(body: Bytes, content_type: str, *, api: str, status: int) -> Any:
    """The data that `body` stands for; `content_type` is the header's value, "" when absent.

    Raises `Unusable` when the body is not what its type claims, but never for an error status
    (400 and above): then the body is given as text, so that the status is not lost.
    """
    if not body:
        return None
    try:
        return _Body(body, content_type, f"{api} answered {status}").data()
    except Unusable:
        if status < 400:
            raise
        return body.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class _Body:
    body: Bytes
    content_type: str
    answer: str  # "shop/get-order answered 200", the beginning of every sentence

    def data(self) -> Any:
        media_type = self.content_type.partition(";")[0].strip().lower()
        if _JSON.fullmatch(media_type):
            return self._json()
        if _TEXT.fullmatch(media_type):
            return self._text()
        return self._unlabelled() if not media_type else self._binary(media_type)

    def _json(self) -> Any:
        charset = self._marked() or self._declared()
        plain = self.body if charset in {None, "utf-8"} else self._decoded(charset).encode()
        plain = plain.removeprefix(codecs.BOM_UTF8)
        if not plain.strip():
            return None
        try:
            value = orjson.loads(plain)
        except orjson.JSONDecodeError as error:
            raise Unusable(self._not_json(plain, error)) from None
        if not _can_be_written(plain, value):
            raise Unusable(f"{self.answer} with JSON of more than {DEEPEST_JSON} levels.")
        return value

    def _not_json(self, plain: Bytes, error: orjson.JSONDecodeError) -> str:
        claim = f"{self.answer} with a body that says it is JSON but is not"
        if plain.lstrip()[:1] == b"<":
            return f'{claim}: it starts with "<", as an HTML or XML page does.'
        # orjson counts characters and, where it could not decode, has no document to count in.
        where = len(error.doc[: error.pos].encode())
        return f"{claim}: {error.msg} at byte {where}."

    def _text(self) -> str:
        charset = self._declared() or self._marked()
        if charset is not None:
            return self._decoded(charset).removeprefix("\ufeff")
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            # The default of HTTP until RFC 7231; it knows every byte.
            return self.body.decode("iso-8859-1")

    def _unlabelled(self) -> Any:
        try:
            if self.body.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith((b"{", b"[", b'"')):
                return self._json()
        except Unusable:
            pass  # It claimed nothing.
        try:
            return self.body.decode().removeprefix("\ufeff")
        except UnicodeDecodeError:
            return self._binary("application/octet-stream")

    def _binary(self, media_type: str) -> dict[str, Any]:
        return {
            "base64": base64.b64encode(self.body).decode(),
            "content_type": media_type,
            "size": len(self.body),
        }

    def _marked(self) -> str | None:
        return next((name for mark, name in _MARKS if self.body.startswith(mark)), None)

    def _declared(self) -> str | None:
        """The charset parameter's canonical name."""
        named = _CHARSET.search(self.content_type)
        if named is None:
            return None
        try:
            codec = codecs.lookup(named[1])
            "".encode(codec.name)  # a LookupError for what is no text encoding, such as hex
        except (LookupError, ValueError):
            codec = None
        if codec is None or codec.name.replace("_", "-") in _NO_CHARSETS:
            raise Unusable(f"{self.answer} in the unknown charset {named[1][:40]!r}.")
        return codec.name

    def _decoded(self, charset: str) -> str:
        try:
            return self.body.decode(charset)
        except UnicodeDecodeError as error:
            raise Unusable(
                f"{self.answer} with a body that is not {charset}: byte {error.start} cannot be."
            ) from None


def _can_be_written(plain: Bytes, value: Any) -> bool:
    if plain.count(b"[") + plain.count(b"{") <= DEEPEST_JSON:
        return True
    for _ in range(_ORJSON_WRITES - DEEPEST_JSON):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
