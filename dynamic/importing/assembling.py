"""Drafts to a proposal: one base URL, paths relative to it, and the check that each call works."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, cast, get_args

import orjson

from dynamic.flow.api_call import ApiCall, Row
from dynamic.flow.problems import ExpressionInvalid
from dynamic.importing.addresses import LONGEST_BASE, below, joined, split_origin
from dynamic.importing.drafts import Draft
from dynamic.importing.proposal import AuthHint, Method, Proposal, ProposedCall, SourceInvalid
from dynamic.importing.shapes import as_line
from dynamic.importing.slugs import Slugs

MAX_CALLS = 1000
MAX_PATH = 1000
MAX_ROWS = 200
_METHODS = frozenset(get_args(Method))
_SOMEWHERE = "https://system.invalid"  # RFC 2606: a base URL to check with while none is known


class _NotMade(Exception):
    """A draft that is no call, and why: a part of a sentence."""


def assemble(
    title: str,
    drafts: Sequence[Draft],
    *,
    base_url: str,
    auth: tuple[AuthHint, str] = ("", ""),
    left_out: Iterable[str] = (),
) -> Proposal:
    """Make the proposal. `base_url` is that of the system, "" for one that is to be made.

    Where `auth` does not tell, it is what the first draft that needs one hints at. Raises
    SourceInvalid for more than a thousand requests.
    """
    if len(drafts) > MAX_CALLS:
        raise SourceInvalid(f"It holds more than {MAX_CALLS:,} requests. Paste a part of it.")
    base = base_url or _common_base(drafts)
    hints = ((d.auth_hint, d.auth_name) for d in drafts if d.auth_hint not in ("", "none"))
    auth_hint, auth_name = auth if auth[0] else next(hints, ("", ""))
    slugs, calls, reasons = Slugs(), [], list(left_out)
    for draft in drafts:
        try:
            calls.append(_call(draft, base, slugs))
        except _NotMade as reason:
            reasons.append(f"{_title(draft)}: {reason}")
    return Proposal(
        title=as_line(title, 100),
        base_url=base,
        auth_hint=auth_hint,
        auth_name=as_line(auth_name, 100),
        calls=tuple(calls),
        left_out=tuple(reasons),
    )


def _common_base(drafts: Sequence[Draft]) -> str:
    """The base of most drafts, or its origin where others of that origin are not below it."""
    counted = Counter(d.base.rstrip("/") for d in drafts if split_origin(d.base)[0])
    if not counted:
        return ""
    base = counted.most_common(1)[0][0]
    origin = split_origin(base)[0]
    siblings = [other for other in counted if split_origin(other)[0] == origin]
    common = base if all(below(other, base) is not None for other in siblings) else origin
    try:
        ApiCall.compile(name="call", method="GET", base_url=common)
    except ExpressionInvalid:
        return ""
    return common if len(common) <= LONGEST_BASE else ""


def _call(draft: Draft, base: str, slugs: Slugs) -> ProposedCall:
    path = _path(draft, base)
    if draft.method not in _METHODS:
        raise _NotMade(f"{draft.method[:20]} is not a method that a call can have.")
    if len(draft.query) > MAX_ROWS or len(draft.headers) > MAX_ROWS:
        raise _NotMade(f"it has more than {MAX_ROWS} parameters or headers.")
    name = as_line(draft.name, 100) or as_line(f"{draft.method} {path}", 100)
    _check(draft, path, base or _SOMEWHERE)
    return ProposedCall(
        slug=slugs.make(draft.slug or name),
        name=name,
        description=draft.description,
        method=cast(Method, draft.method),
        path=path,
        query=draft.query,
        headers=draft.headers,
        body_kind=draft.body_kind,
        body=draft.body,
        sample_arguments=draft.arguments.samples,
        sample_response=draft.sample_response,
        skip_auth=draft.skip_auth,
        notes=tuple(draft.notes),
    )


def _path(draft: Draft, base: str) -> str:
    path: str | None = "/" + draft.path.lstrip("/")
    if draft.base:
        origin = split_origin(draft.base)[0]
        if not origin:
            raise _NotMade("its URL does not begin with http:// or https:// and a host.")
        if not base or "{{" in draft.base:
            raise _NotMade("its URL cannot be the base URL of a system.")
        path = below(joined(draft.base, draft.path), base)
        if path is None:
            raise _NotMade(f"it goes to {as_line(draft.base, 100)}, the system is at {base}.")
    if path is None or len(path) > MAX_PATH:
        raise _NotMade(f"its path is longer than {MAX_PATH:,} characters.")
    return path


def _check(draft: Draft, path: str, base: str) -> None:
    try:
        ApiCall.compile(
            name="system/call",
            method=draft.method,
            base_url=base,
            path=path,
            query=_rows(draft.query),
            headers=_rows(draft.headers),
            body_kind=draft.body_kind,
            body=_rows(draft.body) if draft.body_kind in ("form", "multipart") else draft.body,
        )
    except ExpressionInvalid as error:
        raise _NotMade(as_line(str(error), 300)) from None
    if _holds_nul([path, draft.query, draft.headers, draft.body, draft.arguments.samples]):
        raise _NotMade("it holds a NUL character.")


def _rows(rows: list[dict[str, str]]) -> list[Row]:
    return [
        Row(row["key"], row["value"], row.get("filename", ""), row.get("content_type", ""))
        for row in rows
    ]


def _holds_nul(value: Any) -> bool:
    return b"\\u0000" in orjson.dumps(value)


def _title(draft: Draft) -> str:
    return as_line(f"{draft.method[:20]} {draft.path}", 120)
