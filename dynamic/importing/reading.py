"""Where to begin: what kind of source a text is, and the proposal it makes."""

import re

from dynamic.importing.assembling import assemble
from dynamic.importing.curl.commands import read_curl
from dynamic.importing.openapi.document import read_openapi
from dynamic.importing.parsing import check_text, parse
from dynamic.importing.postman.collection import read_postman
from dynamic.importing.proposal import Kind, Proposal, SourceInvalid
from dynamic.importing.shapes import as_mapping

_CURL = re.compile(r"(?:(?:#|```)[^\n]*\n\s*|[$%]\s+|sudo\s+)*curl(?:\.exe)?\s", re.IGNORECASE)
_PASTE = (
    "Paste a curl command, an OpenAPI 3 document (JSON or YAML), or a Postman collection "
    "(exported as Collection v2.1)."
)


def detect(text: str) -> Kind:
    """Tell what kind of source this is. Raises SourceInvalid."""
    if _CURL.match(check_text(text)[:10_000]):
        return "curl"
    data = as_mapping(parse(text))
    if "openapi" in data or "swagger" in data:
        return "openapi"
    collection = as_mapping(data.get("collection")) or data
    info = as_mapping(collection.get("info"))
    if "_postman_id" in info or "getpostman.com" in str(info.get("schema"))[:200]:
        return "postman"
    if "_postman_variable_scope" in data or {"id", "name", "requests"} <= data.keys():
        return "postman"  # its reader says what is wrong with it
    raise SourceInvalid(_PASTE)


def read(kind: Kind, text: str, *, base_url: str = "") -> Proposal:
    """Make a proposal from a pasted text.

    `base_url` is that of the system, and paths become relative to it; "" for a system that is
    yet to be made. Raises SourceInvalid when the text is no such source.
    """
    match kind:
        case "curl":
            drafts, left_out = read_curl(text)
            return assemble("", drafts, base_url=base_url, left_out=left_out)
        case "openapi":
            return read_openapi(parse(text), base_url)
        case "postman":
            return read_postman(parse(text), base_url)
