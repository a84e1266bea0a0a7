"""How a system wants to be told who asks, where nothing has to be obtained first.

Each way is a value with two duties: `apply` puts the credential into a request at the last
moment, so that the request without it may be shown, and `secrets` names every text in which the
credential could turn up again, so that whoever stores a trace can black it out.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from dynamic.flow.exchange import Request
from dynamic.flow.headers import CONNECTION_HEADERS, is_token, is_value
from dynamic.outbound.query import with_parameters
from dynamic.outbound.spellings import base64_of, spellings

Place = Literal["header", "query"]

# Stripe, Freshdesk and others carry the key as the user name, with no password or with "X".
_SHORTEST_REAL_PASSWORD = 8


class Authentication(Protocol):
    def apply(self, request: Request) -> Request:
        """A new request that carries the credential."""

    def secrets(self) -> tuple[str, ...]:
        """Every text form of the credential, the longest first."""


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
        if self.place == "header" and self.name.lower() in CONNECTION_HEADERS:
            raise ValueError(f"{self.name} is set by the connection itself.")
        if not self.name or not self.value:
            raise ValueError("A static key needs a name and a value.")
        for what, text in (("name", self.name), ("prefix", self.prefix), ("value", self.value)):
            _require_sendable(f"The static key's {what}", text)

    def apply(self, request: Request) -> Request:
        """A new request with the key: in place of a header or parameter of that name."""
        value = self.prefix + self.value
        if self.place == "header":
            return with_header(request, self.name, value)
        return with_parameter(request, self.name, value)

    def secrets(self) -> tuple[str, ...]:
        """Every form of the key, the longest first."""
        return spellings(self.value)


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
        return with_header(request, "Authorization", f"Basic {base64_of(self._pair)}")

    def secrets(self) -> tuple[str, ...]:
        """Every form of the password, of the pair, and of a user name that is the real key."""
        user_is_key = len(self.password) < _SHORTEST_REAL_PASSWORD
        return spellings(self.password, self._pair, self.username if user_is_key else "")

    def __repr__(self) -> str:
        # The user name may be the key.
        return "Basic(...)"

    @property
    def _pair(self) -> str:
        return f"{self.username}:{self.password}"


def with_header(request: Request, name: str, value: str) -> Request:
    """The request with this header in place of any of the same name."""
    kept = tuple(row for row in request.headers if row[0].lower() != name.lower())
    return replace(request, headers=(*kept, (name, value)))


def with_parameter(request: Request, name: str, value: str) -> Request:
    """The request with this parameter in place of any of the same name."""
    return replace(request, url=with_parameters(request.url, {name: value}))


def _require_sendable(what: str, text: str) -> None:
    if not is_value(text):
        raise ValueError(f"{what} holds a line break or another character that cannot be sent.")
