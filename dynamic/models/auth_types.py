"""The ways in which systems want to be told who asks, and what each needs to know.

`settings` are the system's and no secret; `credential` is what each credential of it holds.
Forms, the REST API, bundles and checks all read this one table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "secret", "choice", "rows", "calls"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to know. `kind` says how it is written: `rows` are label, key and value, `calls`
    the requests that obtain a token (see `dynamic.models.token_calls`)."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = True
    initial: Any = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AuthType:
    value: str
    label: str
    about: str  # a sentence: when to choose it
    settings: tuple[Entry, ...] = ()
    credential: tuple[Entry, ...] = ()
    any_values: bool = False  # a credential holds values of any name
    has_token: bool = False  # a token is obtained, kept and renewed

    @property
    def wants_credential(self) -> bool:
        return bool(self.credential) or self.any_values


_HEADER = Entry("name", "Header", help="Such as X-Api-Key, or Authorization.")
_PARAMETER = Entry("name", "Parameter", help="The name in the query string, such as api_key.")
_PREFIX = Entry("prefix", "Prefix", required=False, help="Put before the key, such as “Bearer ”.")
_KEY = Entry("secret", "Key", "secret")
_USERNAME = Entry("username", "User name")
_PASSWORD = Entry("password", "Password", "secret")
_CLIENT_ID = Entry("client_id", "Client id")
_CLIENT_SECRET = Entry("client_secret", "Client secret", "secret")
_MAYBE_SECRET = Entry(
    "client_secret", "Client secret", "secret", required=False, help="Empty for a public client."
)

_OAUTH2 = (
    Entry("token_url", "Token URL", help="Where tokens are obtained and refreshed."),
    Entry("scope", "Scope", required=False, help="What to ask for; several with blanks between."),
    Entry(
        "client_auth",
        "The client proves itself",
        "choice",
        initial="basic",
        choices=(("basic", "with HTTP Basic"), ("body", "in the body")),
        help="RFC 6749 section 2.3.1; most servers take both.",
    ),
    Entry(
        "params",
        "More parameters",
        "rows",
        required=False,
        initial=(),
        help="Sent with each request for a token, such as audience.",
    ),
    Entry("name", "Header", initial="Authorization", help="Where calls carry the access token."),
    Entry("prefix", "Prefix", required=False, initial="Bearer "),
)

AUTH_TYPES: Mapping[str, AuthType] = {
    type_.value: type_
    for type_ in (
        AuthType("none", "None", "The system asks for nothing."),
        AuthType(
            "header",
            "Static key in a header",
            "One fixed key or token, sent with every call.",
            (_HEADER, _PREFIX),
            (_KEY,),
        ),
        AuthType(
            "query",
            "Static key in the query string",
            "One fixed key, for systems that take it nowhere else: URLs end up in logs.",
            (_PARAMETER, _PREFIX),
            (_KEY,),
        ),
        AuthType(
            "basic",
            "Basic: user name and password",
            "HTTP Basic (RFC 7617).",
            (),
            (_USERNAME, Entry("secret", "Password", "secret", required=False)),
        ),
        AuthType(
            "token",
            "Dynamic token",
            "One or more calls sign in and give a token, which later calls carry.",
            (
                Entry("calls", "Token calls", "calls", initial=()),
                Entry(
                    "place",
                    "Calls carry the token",
                    "choice",
                    initial="header",
                    choices=(("header", "in a header"), ("query", "in the query string")),
                ),
                Entry("name", "Header or parameter", initial="Authorization"),
                Entry(
                    "value",
                    "Value",
                    initial="Bearer {{ token.access_token }}",
                    help="token is the answer of the last token call.",
                ),
                Entry(
                    "lifetime",
                    "Seconds that it lasts",
                    required=False,
                    initial="{{ token.expires_in }}",
                    help="A number or an expression. Empty: until a call is refused.",
                ),
            ),
            any_values=True,
            has_token=True,
        ),
        AuthType(
            "oauth2_client",
            "OAuth 2.0, client credentials",
            "The system's owner gave you a client id and secret (RFC 6749 section 4.4).",
            _OAUTH2,
            (_CLIENT_ID, _CLIENT_SECRET),
            has_token=True,
        ),
        AuthType(
            "oauth2_password",
            "OAuth 2.0, resource owner password",
            "A user name and password beside the client's (RFC 6749 section 4.3).",
            _OAUTH2,
            (_CLIENT_ID, _MAYBE_SECRET, _USERNAME, _PASSWORD),
            has_token=True,
        ),
        AuthType(
            "oauth2_code",
            "OAuth 2.0, authorization code",
            "A person signs in at the system and allows access (RFC 6749 section 4.1, with PKCE).",
            (
                Entry("authorize_url", "Authorization URL", help="Where people allow access."),
                *_OAUTH2,
            ),
            (_CLIENT_ID, _MAYBE_SECRET),
            has_token=True,
        ),
        AuthType(
            "oauth1",
            "OAuth 1.0a",
            "Every request is signed (RFC 5849).",
            (
                Entry(
                    "signature_method",
                    "Signature method",
                    "choice",
                    initial="HMAC-SHA1",
                    choices=tuple(
                        (name, name)
                        for name in ("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT")
                    ),
                ),
                Entry("realm", "Realm", required=False),
            ),
            (
                Entry("consumer_key", "Consumer key"),
                Entry("consumer_secret", "Consumer secret", "secret"),
                Entry("token", "Token", required=False),
                Entry("token_secret", "Token secret", "secret", required=False),
            ),
        ),
    )
}

CHOICES = [(type_.value, type_.label) for type_ in AUTH_TYPES.values()]
