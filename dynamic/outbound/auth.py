"""How a system wants to be told who asks.

Each way is a value with two duties: `apply` puts the credential into a request at the last
moment, so that the request without it may be shown, and `secrets` names every text in which the
credential could turn up again, so that whoever stores a trace can black it out.
"""

import base64
import html
import json
import re
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, quote_plus

from dynamic.flow.exchange import Request
from dynamic.flow.headers import is_token, is_value

Place = Literal["header", "query"]

# Stripe, Freshdesk and others carry the key as the user name, with no password or with "X".
_SHORTEST_REAL_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class NoAuth:
    """The system asks for nothing."""

    def apply(self, request: Request) -> Request:
        """The request as it is."""
        return request

    def secrets(self) -> tuple[str, ...]:
        """Nothing to hide."""
        return ()


@dataclass(frozen=True, slots=True)
class StaticKey:
    """One fixed key in a header (`prefix` before it, such as "Bearer ") or in the query.

    Raises ValueError, without repeating the key, for a name or key that cannot be sent.
    """

    place: Place
    name: str
    value: str = field(repr=False)
    prefix: str = ""

    def __post_init__(self) -> None:
        if self.place == "header" and not is_token(self.name):
            raise ValueError(f"{self.name!r} cannot be the name of a header.")
        if not self.name or not self.value:
            raise ValueError("A static key needs a name and a value.")
        for what, text in (("name", self.name), ("prefix", self.prefix), ("value", self.value)):
            _require_sendable(f"The static key's {what}", text)

    def apply(self, request: Request) -> Request:
        """A new request with the key: a header replaced, or a query parameter appended."""
        value = self.prefix + self.value
        if self.place == "header":
            return _with_header(request, self.name, value)
        url, hash_, fragment = request.url.partition("#")
        joint = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
        pair = f"{quote(self.name, safe='')}={quote(value, safe='')}"
        return replace(request, url=f"{url}{joint}{pair}{hash_}{fragment}")

    def secrets(self) -> tuple[str, ...]:
        """Every form of the key, the longest first."""
        return _forms(self.value)


@dataclass(frozen=True, slots=True)
class Basic:
    """User name and password (RFC 7617, in UTF-8).

    Raises ValueError, without repeating the password, for what the scheme cannot carry.
    """

    username: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        _require_sendable("The user name", self.username)
        _require_sendable("The password", self.password)
        if ":" in self.username:  # RFC 7617 section 2
            raise ValueError("A user name for Basic authentication cannot hold a colon.")

    def apply(self, request: Request) -> Request:
        """A new request whose only Authorization header is this one."""
        return _with_header(request, "Authorization", f"Basic {_base64(self._pair)}")

    def secrets(self) -> tuple[str, ...]:
        """Every form of the password, of the pair, and of a user name that is the real key."""
        forms = {*_forms(self.password), *_forms(self._pair)}
        if len(self.password) < _SHORTEST_REAL_PASSWORD:
            forms.update(_forms(self.username))
        return _longest_first(forms)

    def __repr__(self) -> str:
        # The user name may be the key.
        return "Basic(...)"

    @property
    def _pair(self) -> str:
        return f"{self.username}:{self.password}"


Authentication = NoAuth | StaticKey | Basic


def _with_header(request: Request, name: str, value: str) -> Request:
    kept = tuple(row for row in request.headers if row[0].lower() != name.lower())
    return replace(request, headers=(*kept, (name, value)))


def _require_sendable(what: str, text: str) -> None:
    if not is_value(text):
        raise ValueError(f"{what} holds a line break or another character that cannot be sent.")


def _forms(secret: str) -> tuple[str, ...]:
    """The texts in which a request, a URL or an echo of either could show the secret."""
    percent, plus = quote(secret, safe=""), quote_plus(secret)
    ascii_json = json.dumps(secret)[1:-1]
    return _longest_first(
        {
            secret,
            percent,
            _lower_hex(percent),
            plus,
            _lower_hex(plus),
            quote(secret),  # "/" left as it is, as in a path
            ascii_json,
            ascii_json.replace("/", "\\/"),  # as PHP writes it
            json.dumps(secret, ensure_ascii=False)[1:-1],
            html.escape(secret),
            _base64(secret),
            _base64(secret).rstrip("="),
            base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
            quote(_base64(secret), safe=""),
        }
    )


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    # A shorter form replaced first would leave the rest of a longer one standing.
    return tuple(sorted(forms - {""}, key=lambda form: (-len(form), form)))


def _lower_hex(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
