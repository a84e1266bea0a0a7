"""What passes between a flow and whatever sends its calls: one request out, one response back.
Or one mail out.

The flow names a call, builds a `Request` and awaits a `Send`. The real `Send` is
`dynamic.outbound`; nothing in `dynamic.flow` knows that, so a flow can as well be run against
recorded answers.

    UpstreamFailed            no usable answer came back; the sentence says why
    ├── Refused               the guard does not let us connect there
    ├── Unreachable           no connection: name not found, refused, reset, TLS
    ├── Resting               nothing was sent: the host has failed too often just now
    ├── NoToken               the system gave no token to call it with
    ├── TimedOut              the call's own connect or read timeout passed
    └── Unusable              an answer came, but it is too large, cut off or not what it claims
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it judges what is defined here
    from dynamic.flow.retry import RetryRule

Entry = dict[str, Any]  # JSON data for the trace


@dataclass(frozen=True, slots=True)
class Request:
    """One outgoing request before the system's credentials are added, so it may be shown."""

    api: str  # "system/call", as the flow names it
    method: str  # upper case
    url: str  # absolute; path and query already percent-encoded
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    credential: str = ""  # the name of the one to use; "" for the system's default
    retry: "RetryRule | None" = None  # the step's, in place of the API call's own


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `data` is the decoded body: JSON value, text, or None when empty."""

    status_code: int
    headers: dict[str, str]  # names in lower case; repeated values joined with ", "
    data: Any
    ms: float  # from before connecting to the last byte
    size: int = 0  # bytes of the body, decompressed
    pages: Entry | None = None  # of a list that came in pages: {"count": 3, "more": false}


# Raises `UpstreamFailed`. Each attempt is noted in the list as it begins, so that whoever gives up
# waiting still knows of it.
Send = Callable[[Request, list[Entry]], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Mail:
    """What `notify` wants to be sent. Without an address it goes to the flow's owner."""

    to: tuple[str, ...]
    subject: str  # one line
    message: str


Notify = Callable[[Mail], Awaitable[None]]  # raises `NotSent`


class NotSent(Exception):
    """The mail could not be sent. `str(error)` is a sentence for the flow's owner."""


class UpstreamFailed(Exception):
    """No usable answer came back. `str(error)` is a sentence for the flow's owner."""

    def __init__(self, message: str, *, ms: float = 0.0) -> None:
        super().__init__(message)
        self.ms = ms


class Refused(UpstreamFailed):
    """The guard does not allow a connection to the address the name stands for."""


class Unreachable(UpstreamFailed):
    """No connection could be made, or it broke before an answer came."""


class Resting(UpstreamFailed):
    """The host has failed too often in a row; it is left alone for a moment."""


class NoToken(UpstreamFailed):
    """The system's token could not be obtained, so there is nothing to call it with."""


class TimedOut(UpstreamFailed):
    """The call's own connect or read timeout passed."""


class Unusable(UpstreamFailed):
    """An answer came, but it is too large, cut off, or not what its headers claim."""
