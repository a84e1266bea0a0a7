"""Answers to API calls that nobody makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.exchange import Entry, Request, Response, UpstreamFailed
from dynamic.flow.state import Halt

# What can be wrong with a system besides the status of its answer: the sentence a flow hears.
FAULTS = {
    "timed_out": "The system did not answer in time (this is a mock).",
    "unreachable": "No connection to the system could be made (this is a mock).",
}


class NoMock(Halt):
    """A call has no mock, or its mock has no answer: `str(error)` names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a mock. Where `failure` is not empty, no usable answer comes."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    data: Any = None
    pages: Entry | None = None
    failure: str = ""  # a sentence
    made_for: tuple[str, str, str] | None = None  # method, URL and body of a recorded request

    def response(self) -> Response:
        """Raises UpstreamFailed."""
        if self.failure:
            raise UpstreamFailed(self.failure)
        return Response(self.status, dict(self.headers), self.data, 0.0, pages=self.pages)


@dataclass(frozen=True, slots=True)
class Mock:
    """What one API call answers: one reply again and again, or recorded ones in their order.

    Without replies `missing` says why, in words that follow the call's name.
    """

    replies: Sequence[Reply] = ()
    missing: str = "has no mock: choose one."


class MockedCalls:
    """A `Send` that sends nothing.

    Of several replies each is given once, that of the very same request first, and the last one
    for ever after.
    """

    def __init__(self, mocks: Mapping[str, Mock]) -> None:
        self._mocks = mocks
        self._left: dict[str, list[Reply]] = {
            name: list(mock.replies) for name, mock in mocks.items()
        }

    async def send(self, request: Request, attempts: list[Entry]) -> Response:
        """Raises UpstreamFailed where the mock is a fault, and NoMock where there is none."""
        return self._next(request).response()

    def take(self, request: Request) -> None:
        """Count a reply as given that was given to this request in an earlier run."""
        if self._left.get(request.api):
            self._next(request)

    def _next(self, request: Request) -> Reply:
        mock = self._mocks.get(request.api, Mock())
        if not mock.replies:
            raise NoMock(f"The API call {request.api} {mock.missing}")
        left = self._left[request.api]
        if not left:
            return mock.replies[-1]
        made_for = signature(request.method, request.url, request.body)
        reply = next((reply for reply in left if reply.made_for == made_for), left[0])
        left.remove(reply)
        return reply


def signature(method: str, url: str, body: bytes | str | None) -> tuple[str, str, str]:
    """What tells two requests of an API call apart."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    return method, url, text
