"""Lists that come in pages: how to ask for the next one, and when to stop.

    page         ?page=1, ?page=2, … until a page is empty, or shorter than the size asked for
    offset       ?offset=0, ?offset=100, … the same
    cursor       the answer holds a text to send with the next request
    next_link    the answer's body holds the next URL
    link_header  the answer's `Link` header does, rel="next" (RFC 8288)

A next URL must be of the same origin: it is called with the system's credential.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from dynamic.flow.exchange import Request, Response, Unusable
from dynamic.flow.expressions import MISSING, Template, as_text, compile_template
from dynamic.flow.problems import ExpressionInvalid, StepFailed
from dynamic.flow.rows import is_text
from dynamic.outbound.destination import origin
from dynamic.outbound.query import with_parameters
from dynamic.outbound.redirect import resolved

MOST_PAGES = 1_000
MOST_ITEMS = 100_000
MOST_BYTES = 16 * 2**20  # of all pages together; as Python's objects it is many times that

_KINDS = ("page", "offset", "cursor", "next_link", "link_header")
_TEXTS = {"items": "{{ data }}", "parameter": "", "size_parameter": "", "next": ""}
_NUMBERS = {"start": (0, 10**9), "size": (1, 10_000), "most_pages": (1, MOST_PAGES)}
_NUMBERS |= {"most_items": (1, MOST_ITEMS)}
_PARAMETERS = {"page": "page", "offset": "offset", "cursor": "cursor"}
# One `<URL>; name=value; …` of a Link header. No URL holds a "<": a thousand of them must not be
# read a thousand times.
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[^=;,\s]+\s*=\s*(?:"[^"]*"|[^;,"]*))*)')
_REL = re.compile(r';\s*rel\s*=\s*"?([^";]*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Paging:
    """One rule. Its expressions see an answer's `data`, `headers` and `status_code`."""

    kind: str
    items: Template
    next: Template
    parameter: str
    start: int
    size_parameter: str
    size: int  # 0 = not asked for
    most_pages: int
    most_items: int

    @classmethod
    def parse(cls, rule: Any) -> Self | None:
        """Read `{"kind": "page", "items": "{{ data.items }}", …}`; None where there is no rule.

        Optional are `parameter`, `start` (page: 1, offset: 0), `size_parameter` and `size`,
        `most_pages` (100), `most_items` (10,000); `next` is what a cursor or a next link is read
        from. Raises ValueError.
        """
        if not rule:
            return None
        if not isinstance(rule, dict) or rule.get("kind") not in _KINDS:
            raise ValueError(f"A paging rule has a kind: one of {', '.join(_KINDS)}.")
        if unknown := rule.keys() - {"kind", *_TEXTS, *_NUMBERS}:
            raise ValueError(f"A paging rule knows no {min(map(str, unknown))}.")
        kind = rule["kind"]
        texts = {name: _text(rule, name, initial) for name, initial in _TEXTS.items()}
        if kind in {"cursor", "next_link"} and "{{" not in texts["next"]:
            raise ValueError("next is an expression, such as {{ data.next }}.")
        if bool(texts["size_parameter"]) != bool(rule.get("size")):
            raise ValueError("size and size_parameter go together.")
        return cls(
            kind=kind,
            items=_template("items", texts["items"]),
            next=_template("next", texts["next"]),
            parameter=texts["parameter"] or _PARAMETERS.get(kind, ""),
            start=_number(rule, "start", 1 if kind == "page" else 0),
            size_parameter=texts["size_parameter"],
            size=_number(rule, "size", 0),
            most_pages=_number(rule, "most_pages", 100),
            most_items=_number(rule, "most_items", 10_000),
        )

    async def collect(
        self, request: Request, fine: frozenset[int], send: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """All pages as one response, whose data is the list of all items.

        A page whose status is not fine is the response, as it is. `pages` tells the count and
        whether there is `more` than the bounds let through. Raises Unusable, and what `send` does.
        """
        items: list[Any] = []
        seen: set[str] = set()
        count = size = 0
        ms = 0.0
        page: Request | None = self._first(request)
        while page is not None:
            response = await send(page)
            ms, count, size = ms + response.ms, count + 1, size + response.size
            if response.status_code not in fine:
                return response
            here = self._items(response)
            items += here
            seen.add(page.url)
            page = self._next(page, response, len(here))
            if page is not None and page.url in seen:
                raise Unusable(f"{request.api}: page {count + 1} would be one that was there.")
            if count >= self.most_pages or len(items) >= self.most_items or size > MOST_BYTES:
                break
        more = page is not None or len(items) > self.most_items
        return replace(
            response,
            data=items[: self.most_items],
            ms=ms,
            size=size,
            pages={"count": count, "more": more},
        )

    def _first(self, request: Request) -> Request:
        given: dict[str, str] = {}
        if self.size:
            given[self.size_parameter] = str(self.size)
        if self.kind in {"page", "offset"}:
            given[self.parameter] = str(self.start)
        return _with(request, given)

    def _items(self, response: Response) -> list[Any]:
        found = self._evaluate(self.items, response)
        if found is MISSING or found is None:
            return []
        return found if isinstance(found, list) else [found]

    def _next(self, request: Request, response: Response, items: int) -> Request | None:
        if self.kind in {"page", "offset"}:
            if items < max(self.size, 1):
                return None
            query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
            step = 1 if self.kind == "page" else items
            return _with(request, {self.parameter: str(int(query[self.parameter]) + step)})
        if self.kind == "link_header":
            return _at(request, _next_link(response.headers.get("link", "")))
        found = self._evaluate(self.next, response)
        text = "" if found is MISSING or found is False else as_text(found)
        if self.kind == "next_link":
            return _at(request, text)
        return _with(request, {self.parameter: text}) if text else None

    def _evaluate(self, template: Template, response: Response) -> Any:
        try:
            return template.evaluate(
                {
                    "data": response.data,
                    "headers": response.headers,
                    "status_code": response.status_code,
                }
            )
        except StepFailed as error:
            raise Unusable(f"The paging rule cannot read the answer. {error}") from None


def _with(request: Request, given: Mapping[str, str]) -> Request:
    return replace(request, url=with_parameters(request.url, given))


def _at(request: Request, link: str) -> Request | None:
    if not link:
        return None
    url = resolved(request.url, link)
    scheme, host, port = origin(request.url)
    if (scheme, port) == ("https", 443) and origin(url) == ("http", host, 80):
        # Written by a server that does not know of the TLS before it.
        url = "https" + url[len("http") :].replace(":80", "", 1)
    if origin(url) != (scheme, host, port):
        raise Unusable(
            f"{request.api}: the next page is at another host, which does not get this system's "
            "credential."
        )
    return replace(request, url=url)


def _next_link(header: str) -> str:
    for match in _LINK.finditer(header):
        rel = _REL.search(match[2])
        if rel and "next" in rel[1].lower().split():
            return match[1]
    return ""


def _text(rule: dict[str, Any], name: str, initial: str) -> str:
    value = rule.get(name) or initial
    if not isinstance(value, str):
        raise ValueError(f"{name} is a text.")
    if not is_text(value):
        raise ValueError(f"{name} holds half of a surrogate pair, which is not text.")
    return value


def _template(name: str, text: str) -> Template:
    try:
        return compile_template(text)
    except ExpressionInvalid as error:
        raise ValueError(f"{name}: {error}") from None


def _number(rule: dict[str, Any], name: str, initial: int) -> int:
    value = rule.get(name)
    if value is None or value == "":
        return initial
    lowest, highest = _NUMBERS[name]
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise ValueError(f"{name} is a whole number from {lowest} to {highest:,}.")
    return value
