"""The URL of a Postman request: a text, or an object of its parts."""

import re
from typing import Any
from urllib.parse import unquote_plus

from dynamic.importing.addresses import has_scheme, split_origin, user_of
from dynamic.importing.drafts import Draft
from dynamic.importing.postman.variables import Templates, Variables
from dynamic.importing.shapes import as_line, as_list, as_mapping, as_prose, as_scalar_text

_LEADING_VARIABLE = re.compile(r"\{\{[^{}]{1,200}\}\}")
_PATH_VARIABLE = re.compile(r":([A-Za-z_][A-Za-z0-9_.-]{0,100})")
_HOST_END = re.compile(r"[/?#]")
MOST_SEGMENTS = 200


class Urls:
    """Puts the URL of one request into its draft."""

    def __init__(self, draft: Draft, variables: Variables, templates: Templates) -> None:
        self._draft = draft
        self._variables = variables
        self._templates = templates

    def set(self, url: Any) -> None:
        parts = as_mapping(url)
        address, query = _written_out(url)
        start = self._base(address)
        rest = address[start:].partition("#")[0]
        path, _, written_query = rest.partition("?")
        self._draft.path = self._path(path, as_list(parts.get("variable")))
        rows = as_list(parts.get("query")) if query is None else _pairs(written_query)
        for row in map(as_mapping, rows):
            if row.get("disabled") is True or not isinstance(row.get("key"), str):
                continue
            key, value = row["key"], as_scalar_text(row.get("value")) or ""
            label = as_line(described(row.get("description")), 100)
            self._draft.add_query(key, self._templates.text(value, key, "query"), label)

    def _base(self, address: str) -> int:
        """Find the base, and give where the path begins in the address."""
        variable = _LEADING_VARIABLE.match(address)
        if variable and address[variable.end() : variable.end() + 1] in ("", "/", "?"):
            value = self._variables.resolve(variable[0])
            if value is None:
                name = variable[0][2:-2].strip()
                self._draft.note(f"The collection has no value for {name[:60]}, its base URL.")
            else:
                self._draft.base = _absolute(value)
            return variable.end()
        scheme_end = address.find("://")
        end = min(
            (i for i in (address.find(c, scheme_end + 3) for c in "/?#") if i > 0),
            default=len(address),
        )
        host = self._variables.resolve(address[:end])
        if host is None:
            self._draft.note("The collection has no value for a variable of its host.")
        else:
            self._draft.base = _absolute(host)
        self._leave_out_user(address[:end])
        return end

    def _leave_out_user(self, address: str) -> None:
        if user_of(address) is not None:
            self._draft.base = split_origin(self._draft.base)[0]
            self._draft.hint("basic")
            self._draft.note("The user in the URL was left out: give the system a credential.")

    def _path(self, path: str, variables: list[Any]) -> str:
        values = {}
        for row in map(as_mapping, variables):
            name, value = row.get("key", row.get("id")), as_scalar_text(row.get("value"))
            if isinstance(name, str) and value:
                values[name] = value
        segments = []
        for segment in path.split("/", MOST_SEGMENTS):
            variable = _PATH_VARIABLE.fullmatch(segment)
            if variable is None:
                segments.append(self._templates.text(segment))
                continue
            value = values.get(variable[1], "")
            if "{{" in value:
                segments.append(self._templates.text(value))
                continue
            sample = value[:200] if value and not value.startswith("<") else None
            segments.append(str(self._draft.arguments.take(variable[1], "path", sample)))
        return "/".join(segments) or "/"


def _written_out(url: Any) -> tuple[str, str | None]:
    """Give the URL as a text, and whether its query is in that text (not None) or in rows."""
    if isinstance(url, str):
        return url.strip(), ""
    parts = as_mapping(url)
    host = _joined(parts.get("host"), ".")
    if not host:
        raw = parts.get("raw")
        has_rows = isinstance(parts.get("query"), list)
        return (raw.strip() if isinstance(raw, str) else ""), None if has_rows else ""
    protocol, port = as_scalar_text(parts.get("protocol")), as_scalar_text(parts.get("port"))
    address = host if has_scheme(host) or not protocol else f"{protocol}://{host}"
    path = _joined(parts.get("path"), "/")
    return f"{address}{f':{port}' if port else ''}/{path.lstrip('/')}", None


def _joined(value: Any, separator: str) -> str:
    if isinstance(value, list):
        texts = [item if isinstance(item, str) else as_mapping(item).get("value") for item in value]
        return separator.join(text for text in texts if isinstance(text, str))
    return value if isinstance(value, str) else ""


def _pairs(query: str) -> list[dict[str, str]]:
    pairs = []
    for piece in query.split("&") if query else []:
        key, _, value = piece.partition("=")
        pairs.append({"key": unquote_plus(key), "value": unquote_plus(value)})
    return pairs


def _absolute(url: str) -> str:
    """Give the base of a URL as Postman would call it: http:// where it has no scheme."""
    url = url.strip()
    if not url.strip("/"):
        return ""
    return url if has_scheme(url) else f"http://{url.lstrip('/')}"


def described(description: Any) -> str:
    """Give a Postman description, which is a text or an object with one."""
    return as_prose(description) or as_prose(as_mapping(description).get("content"))
