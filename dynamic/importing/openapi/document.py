"""An OpenAPI document to a proposal: https://spec.openapis.org/oas/v3.0.3 and v3.1.0"""

from typing import Any
from urllib.parse import urlsplit

from dynamic.importing.addresses import below, has_scheme, joined, split_origin
from dynamic.importing.arguments import literal
from dynamic.importing.assembling import MAX_CALLS, assemble
from dynamic.importing.drafts import Draft
from dynamic.importing.openapi.bodies import Bodies
from dynamic.importing.openapi.parameters import Parameters
from dynamic.importing.openapi.references import References
from dynamic.importing.openapi.schema_sample import Schemas
from dynamic.importing.openapi.security import Security
from dynamic.importing.proposal import Proposal, SourceInvalid
from dynamic.importing.samples import Allowance
from dynamic.importing.shapes import as_line, as_list, as_mapping, as_prose, as_scalar_text

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_PASTE = "Paste an OpenAPI 3.0 or 3.1 document."
MOST_SERVERS = 20


def read_openapi(data: Any, base_url: str) -> Proposal:
    """Make a proposal; `base_url` is as for `reading.read`. Raises SourceInvalid."""
    document = as_mapping(data)
    _check_version(document)
    reader = _Reader(document, base_url)
    drafts = reader.drafts()
    if not drafts:
        raise SourceInvalid(f"The document has no operations under paths. {_PASTE}")
    title = as_line(as_mapping(document.get("info")).get("title"), 100)
    return assemble(title, drafts, base_url=base_url, auth=reader.security.overall())


def _check_version(document: dict[str, Any]) -> None:
    if "swagger" in document:
        version = as_line(as_scalar_text(document["swagger"]), 10)
        raise SourceInvalid(
            f"This is Swagger {version}; OpenAPI 3.0 and 3.1 are understood. Convert it first, "
            "for example with editor.swagger.io."
        )
    version = as_line(as_scalar_text(document.get("openapi")), 10)
    if not version.startswith(("3.0", "3.1")):
        has = f"This is OpenAPI {version}" if version else "This is not an OpenAPI document"
        raise SourceInvalid(f"{has}. {_PASTE}")


class _Reader:
    def __init__(self, document: dict[str, Any], base_url: str) -> None:
        self._document = document
        self._base_url = base_url
        self._references = References(document)
        self._allowance = Allowance()
        self._schemas = Schemas(self._references, self._allowance)
        self.security = Security(document, self._references)

    def drafts(self) -> list[Draft]:
        drafts: list[Draft] = []
        for path, raw in as_mapping(self._document.get("paths")).items():
            item = self._references.resolve(raw)
            for method in _METHODS:
                if path.startswith("/") and isinstance(item.get(method), dict):
                    drafts.append(self._draft(path[:2000], method, item))
                    if len(drafts) > MAX_CALLS:
                        return drafts  # `assemble` says that these are too many
        return drafts

    def _draft(self, path: str, method: str, item: dict[str, Any]) -> Draft:
        operation = item[method]
        summary = as_line(operation.get("summary"), 100)
        identity = as_line(operation.get("operationId"), 100)
        draft = Draft(
            method=method.upper(),
            name=summary or identity or f"{method.upper()} {path}",
            slug=identity or summary,
            description=as_prose(operation.get("description") or item.get("description")),
        )
        parameters = Parameters(draft, self._schemas, self._allowance)
        parameters.add(path, item.get("parameters"), operation.get("parameters"))
        bodies = Bodies(draft, self._schemas, self._allowance)
        bodies.set_request(operation.get("requestBody"))
        bodies.set_response(operation.get("responses"))
        self.security.apply(draft, operation.get("security"))
        self.security.leave_out_keys(draft)
        self._place(draft, as_list(operation.get("servers") or item.get("servers")))
        if operation.get("deprecated") is True:
            draft.note("The document says that this operation is deprecated.")
        for sentence in self._references.unfollowed():
            draft.note(sentence)
        return draft

    def _place(self, draft: Draft, own: list[Any]) -> None:
        """Say where the operation is, by the server that is the system's, or else the first.

        Where the document names hosts and the system is at another one, such as a sandbox, the
        system's counts; an operation that names a host of its `own` stays there.
        """
        servers = own or as_list(self._document.get("servers"))
        urls = [_server_url(server) for server in servers[:MOST_SERVERS]] or ["/"]
        url = next((u for u in urls if self._is_ours(u)), urls[0])
        if has_scheme(url) and (own or not self._base_url or self._is_ours(url)):
            draft.base = url
            return
        prefix = split_origin(url)[1].strip("/")
        ours = urlsplit(self._base_url).path.strip("/") if self._base_url else ""
        if prefix and f"/{ours}".endswith(f"/{prefix}"):
            return  # the system's base URL has it already
        draft.path = joined(f"/{literal(prefix)}" if prefix else "", draft.path)

    def _is_ours(self, url: str) -> bool:
        if not self._base_url or not has_scheme(url):
            return False
        return below(url, self._base_url) is not None or below(self._base_url, url) is not None


def _server_url(server: Any) -> str:
    """Give a server's URL with the defaults of its variables."""
    mapping = as_mapping(server)
    url = as_line(mapping.get("url"), 500).partition("?")[0]
    for name, variable in list(as_mapping(mapping.get("variables")).items())[:50]:
        default = as_scalar_text(as_mapping(variable).get("default")) or ""
        url = url.replace(f"{{{name}}}", default[:200])[:500]
    return url or "/"
