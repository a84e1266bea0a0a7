"""Where a request goes: a system's base URL, and a path below it that arguments cannot leave.

Values in a path are percent-encoded with nothing safe, so none can add a segment, a query or a
fragment; what an upstream could still take for "here" or "the parent" once it has decoded the
path is refused.
"""

import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from dynamic.flow.expressions import MISSING, Constant, Template, Text, as_text
from dynamic.flow.problems import CallArguments, CallInvalid

_LITERAL_SAFE = "/%:@!$&'()*+,;=~"  # RFC 3986 3.3, and what is already encoded
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Target:
    """A base URL joined with a path by exactly one slash.

    Raises CallInvalid naming the field, `base_url` or `path`.
    """

    __slots__ = ("_base_url", "_parts")

    def __init__(self, base_url: str, path: Template) -> None:
        self._base_url = _checked_base_url(base_url)
        parts = path.parts if isinstance(path, Text) else (path,)
        self._parts = tuple(_checked_part(part) for part in parts)
        if climbs("".join(part if isinstance(part, str) else "value" for part in self._parts)):
            raise CallInvalid("path", "It must not hold . or .. as a segment.")

    def url(self, args: dict[str, Any]) -> str:
        """Give the absolute URL, without a query. Raises StepFailed."""
        path = "".join(
            part if isinstance(part, str) else _segment(part, part.evaluate(args))
            for part in self._parts
        )
        # Harmless parts can make a harmful whole: "x/" and "/y" around a literal dot.
        if climbs(path):
            raise CallArguments("The path would hold . or .. as a segment and leave its place.")
        return f"{self._base_url}/{path.lstrip('/')}" if path else self._base_url


def climbs(path: str) -> bool:
    """Tell whether a path, once decoded, has a segment that means its place or the parent."""
    return any(segment in (".", "..") for segment in re.split(r"[/\\]", unquote(path)))


def _checked_base_url(url: str) -> str:
    """Check a base URL and give it without a trailing slash, its path percent-encoded."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise CallInvalid("base_url", f"This is not a URL: {error}.") from None
    host = parts.netloc.rpartition("@")[2]
    host = host if host.endswith("]") else re.sub(r":\d*$", "", host)
    faults: dict[str, bool] = {
        "It must begin with http:// or https://.": parts.scheme not in ("http", "https"),
        "Credentials do not belong in the URL.": "@" in parts.netloc,
        "It must have no query and no fragment.": "?" in url or "#" in url,
        "It holds blanks, control characters or backslashes.": bool(_NOT_IN_URL.search(url)),
        "It needs a host name in ASCII (write an international name as xn--…).": (
            _HOST.fullmatch(host) is None
        ),
        "Its path must not hold . or .. as a segment.": climbs(parts.path),
    }
    for message, applies in faults.items():
        if applies:
            raise CallInvalid("base_url", message)
    return f"{parts.scheme}://{parts.netloc}{_encoded_literal(parts.path.rstrip('/'))}"


def _checked_part(part: Template) -> str | Template:
    """Give the literal parts of a path percent-encoded, and the others as they are."""
    if not isinstance(part, Constant):
        return part
    literal = str(part.value)
    if "://" in literal:
        raise CallInvalid("path", "Give the path only; the base URL belongs to the system.")
    if _NOT_IN_URL.search(literal.replace(" ", "")) or "?" in literal or "#" in literal:
        raise CallInvalid("path", "It holds ?, #, a backslash or a control character.")
    return _encoded_literal(literal)


def _encoded_literal(path: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", path), safe=_LITERAL_SAFE)


def _segment(expression: Template, value: Any) -> str:
    if value is MISSING or value is None or value == "":
        raise CallArguments(f"The path needs {expression}, and it has no value.")
    if isinstance(value, dict | list):
        raise CallArguments(f"The path needs {expression} to be a text or a number.")
    text = as_text(value)
    if climbs(text):
        raise CallArguments(f"The path does not take . or .. from {expression}.")
    return quote(text, safe="")
