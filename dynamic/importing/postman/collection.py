"""A Postman collection to a proposal: https://schema.postman.com/collection/json/v2.1.0/draft-07/"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from dynamic.importing.assembling import MAX_CALLS, MAX_ROWS, assemble
from dynamic.importing.drafts import Draft
from dynamic.importing.postman.auth import Hint, hint_of
from dynamic.importing.postman.bodies import Bodies
from dynamic.importing.postman.urls import Urls, described
from dynamic.importing.postman.variables import Templates, Variables
from dynamic.importing.proposal import Proposal, SourceInvalid
from dynamic.importing.samples import Allowance
from dynamic.importing.shapes import as_line, as_list, as_mapping, as_scalar_text

_PASTE = "Export the collection from Postman as “Collection v2.1” and paste that."


def read_postman(data: Any, base_url: str) -> Proposal:
    """Make a proposal; `base_url` is as for `reading.read`. Raises SourceInvalid."""
    wrapped = as_mapping(data)
    collection = as_mapping(wrapped.get("collection")) or wrapped  # as Postman's own API gives it
    _check_version(collection)
    auth = hint_of(collection.get("auth"))
    reader = _Reader(Variables(collection.get("variable")), auth)
    drafts = list(reader.drafts(collection))
    if not drafts:
        raise SourceInvalid(f"The collection has no requests. {_PASTE}")
    title = as_line(as_mapping(collection.get("info")).get("name"), 100)
    return assemble(title, drafts, base_url=base_url, auth=auth or ("", ""))


def _check_version(collection: dict[str, Any]) -> None:
    if "_postman_variable_scope" in collection:
        raise SourceInvalid(f"This is a Postman environment, which has no requests. {_PASTE}")
    if "requests" in collection:
        raise SourceInvalid(f"This is a collection of version 1. {_PASTE}")
    schema = as_scalar_text(as_mapping(collection.get("info")).get("schema")) or ""
    if "/v2.0" in schema[:200]:
        raise SourceInvalid(f"This is a collection of version 2.0. {_PASTE}")
    if not isinstance(collection.get("item"), list):
        raise SourceInvalid(f"This is not a Postman collection. {_PASTE}")


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What a request has from the folders around it."""

    folders: tuple[str, ...] = ()
    auth: Hint | None = None
    has_script: bool = False


class _Reader:
    def __init__(self, variables: Variables, auth: Hint | None) -> None:
        self._variables = variables
        self._auth = auth
        self._allowance = Allowance()
        self._count = 0

    def drafts(self, collection: dict[str, Any]) -> Iterator[Draft]:
        has_script = _has_script(collection, "prerequest")
        yield from self._items(collection, _Inherited(auth=self._auth, has_script=has_script))

    def _items(self, folder: dict[str, Any], inherited: _Inherited) -> Iterator[Draft]:
        for item in map(as_mapping, as_list(folder.get("item"))):
            if self._count > MAX_CALLS:
                return  # `assemble` says that these are too many
            if isinstance(item.get("item"), list):
                yield from self._items(item, _inside(item, inherited))
            elif isinstance(item.get("request"), str | dict):
                self._count += 1
                yield self._draft(item, inherited)

    def _draft(self, item: dict[str, Any], inherited: _Inherited) -> Draft:
        request = item["request"]
        if isinstance(request, str):
            request = {"url": request}
        method = as_scalar_text(request.get("method")) or "GET"
        draft = Draft(method=method.upper()[:20], name=as_line(item.get("name"), 100))
        text = described(request.get("description")) or described(item.get("description"))
        draft.description = "\n\n".join(filter(None, [" / ".join(inherited.folders), text]))
        templates = Templates(self._variables, draft.arguments)
        Urls(draft, self._variables, templates).set(request.get("url"))
        for header in map(as_mapping, as_list(request.get("header"))[:MAX_ROWS]):
            self._header(draft, templates, header)
        bodies = Bodies(draft, templates, self._allowance)
        bodies.set_request(request.get("body"))
        bodies.set_response(item.get("response"))
        self._authenticate(draft, request.get("auth"), inherited)
        _note_scripts(draft, item, inherited)
        return draft

    def _header(self, draft: Draft, templates: Templates, header: dict[str, Any]) -> None:
        name, value = header.get("key"), as_scalar_text(header.get("value")) or ""
        if header.get("disabled") is True or not isinstance(name, str) or not name:
            return
        label = as_line(described(header.get("description")), 100)
        draft.add_header(name.strip(), templates.text(value, name, "header"), label)

    def _authenticate(self, draft: Draft, raw: Any, inherited: _Inherited) -> None:
        own = hint_of(raw)
        auth = own if own is not None else inherited.auth
        if auth is None:
            return
        if auth[0] == "none":
            draft.skip_auth = True
        elif not auth[0]:
            kind = as_line(as_mapping(raw).get("type"), 30)
            draft.note(f"Its authentication {f'({kind}) ' if kind else ''}is not supported.")
        elif self._auth is not None and auth != self._auth:
            draft.note("It takes another authentication than the collection.")
        if auth[0] in ("header", "query"):
            draft.leave_out_key(*auth)
        draft.auth_hint, draft.auth_name = auth if auth[0] else (draft.auth_hint, draft.auth_name)


def _inside(folder: dict[str, Any], inherited: _Inherited) -> _Inherited:
    auth = hint_of(folder.get("auth"))
    return replace(
        inherited,
        folders=(*inherited.folders, as_line(folder.get("name"), 60))[:10],
        auth=auth if auth is not None else inherited.auth,
        has_script=inherited.has_script or _has_script(folder, "prerequest"),
    )


def _has_script(holder: dict[str, Any], listen: str) -> bool:
    for event in map(as_mapping, as_list(holder.get("event"))):
        script = as_mapping(event.get("script")).get("exec")
        lines = [script] if isinstance(script, str) else as_list(script)
        if event.get("listen") == listen and any(isinstance(x, str) and x.strip() for x in lines):
            return True
    return False


def _note_scripts(draft: Draft, item: dict[str, Any], inherited: _Inherited) -> None:
    if _has_script(item, "prerequest") or _has_script(item, "test"):
        draft.note("Its scripts were not taken over.")
    if inherited.has_script:
        draft.note("The script that its folder or collection runs first was not taken over.")
