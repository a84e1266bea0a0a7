"""What a pasted source comes to: API calls that could be made, and what could not be."""

from dataclasses import dataclass
from typing import Any, Literal

from dynamic.flow.api_call import BodyKind

Kind = Literal["curl", "openapi", "postman"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
AuthHint = Literal[
    "",  # the source does not say
    "none",
    "header",
    "query",
    "basic",
    "token",
    "oauth2_client",
    "oauth2_password",
    "oauth2_code",
    "oauth1",
]
# {"label", "key", "value"}; a file in a multipart body also has "filename" and "content_type".
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class ProposedCall:
    """One API call that compiles; strings in rows, path and body may hold `{{ name }}`.

    `body` is any JSON value for "json", rows for "form" and "multipart", one string for "text"
    and "xml", None for "none". In a multipart row with a filename, the value is the content.
    """

    slug: str  # unique in the proposal, at most 50 of [-a-zA-Z0-9_]
    name: str  # at most 100 characters
    description: str
    method: Method
    path: str  # below the base URL, begins with a slash
    query: list[Row]
    headers: list[Row]
    body_kind: BodyKind
    body: Any
    sample_arguments: dict[str, Any]  # by the names in `{{ }}`; not each name has a sample
    sample_response: Any  # None when unknown
    skip_auth: bool  # the source says that this request needs no authentication
    notes: tuple[str, ...]  # sentences: what of the request was not taken over


@dataclass(frozen=True, slots=True)
class Proposal:
    """Calls for one system, in the order of the source."""

    title: str
    base_url: str  # "" when the source does not tell
    auth_hint: AuthHint
    auth_name: str  # the header or parameter of a static key
    calls: tuple[ProposedCall, ...]
    left_out: tuple[str, ...]  # requests that could not be made, each with its reason


class SourceInvalid(Exception):
    """The text is no source of calls. `str(error)` is a sentence that says what to paste."""
