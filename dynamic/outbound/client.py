"""One request out, one answer back, over one pool of connections.

One attempt only: no retries of ours, no redirects, no cookies, no proxy from the environment.
(aiohttp does send an idempotent request a second time when a kept-alive connection turns out to
be closed before any answer came, as RFC 9112 section 9.3.1 allows.)
"""

import asyncio
import io
import time
from dataclasses import dataclass

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar
from aiohttp.abc import AbstractResolver
from yarl import URL

from dynamic.flow.exchange import Request, Response, UpstreamFailed
from dynamic.outbound.auth import Authentication
from dynamic.outbound.body import read_body
from dynamic.outbound.connector import Attempt, GuardedConnector, current_attempt
from dynamic.outbound.decode import decode
from dynamic.outbound.destination import destination
from dynamic.outbound.failures import HANDLED, explain, timed_out
from dynamic.outbound.guard import Guard
from dynamic.outbound.headers import incoming, outgoing

# Beyond this aiohttp wants a file, which it can send piece by piece.
_LARGE_BODY = 2**20

# Both timeouts are `Client.send`'s own: aiohttp's are rounded up, and its read timeout bounds
# one read, so a slow drip never ends.
_NO_TIMEOUT = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that an API call may take."""

    connect: float = 30.0  # until connected: a place in the pool, the name, TCP and TLS
    read: float = 240.0  # from being connected to the last byte of the answer


class Client:
    """The pool of connections of one worker. It belongs to the event loop that it is opened in."""

    def __init__(
        self,
        guard: Guard,
        *,
        max_response_bytes: int = 10 * 1024 * 1024,
        max_connections: int = 1000,
        user_agent: str = "Integrator",
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._max_response_bytes = max_response_bytes
        self._max_connections = max_connections
        self._user_agent = user_agent
        self._resolver = resolver
        self._session: ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Make the pool in the running event loop. Harmless when it is open already."""
        if self._session is None:
            self._loop = asyncio.get_running_loop()
            self._session = ClientSession(
                connector=GuardedConnector(
                    self._guard, limit=self._max_connections, resolver=self._resolver
                ),
                cookie_jar=DummyCookieJar(),
                timeout=_NO_TIMEOUT,
                trust_env=False,
                auto_decompress=False,
                skip_auto_headers=("Content-Type",),  # not ours to claim
            )

    async def close(self) -> None:
        """Close every connection. The client may be opened again."""
        session, self._session, self._loop = self._session, None, None
        if session is not None:
            await session.close()

    async def send(self, request: Request, auth: Authentication, timeouts: Timeouts) -> Response:
        """Send the request with its credential and decode what comes back.

        Raises `Refused`, `Unreachable`, `TimedOut` or `Unusable`; RuntimeError when called in
        another event loop than the client was opened in. Cancelling it closes the connection.
        """
        started = time.perf_counter()
        try:
            signed = auth.apply(request)
            url = destination(signed.url)
            status, headers, body = await self._attempt(signed, url, timeouts)
            ms = (time.perf_counter() - started) * 1000
            content_type = headers.get("content-type", "")
            data = decode(body, content_type, api=request.api, status=status)
        except UpstreamFailed as failure:
            failure.ms = (time.perf_counter() - started) * 1000
            raise
        return Response(status, headers, data, ms, len(body))

    async def send_for_status(self, request: Request, timeouts: Timeouts) -> int:
        """Send the request without any credential; give the answer's status, and read no more.

        Raises as `send` does.
        """
        url = destination(request.url)
        return (await self._attempt(request, url, timeouts, with_body=False))[0]

    async def _attempt(
        self, request: Request, url: URL, timeouts: Timeouts, *, with_body: bool = True
    ) -> tuple[int, dict[str, str], bytearray]:
        """The whole attempt under its timeouts, every error told as an `UpstreamFailed`."""
        session = await self._opened()
        deadline = asyncio.timeout(timeouts.connect)
        attempt = Attempt(str(url.raw_host), deadline, timeouts.read)
        token = current_attempt.set(attempt)
        # "from None" below: a logged cause would show aiohttp's text, and in it the URL.
        try:
            async with deadline:
                return await self._exchange(session, request, url, with_body=with_body)
        except HANDLED as error:
            if deadline.expired():
                raise timed_out(attempt, connect=timeouts.connect) from None
            raise explain(error, attempt) from None
        finally:
            current_attempt.reset(token)

    async def _exchange(
        self, session: ClientSession, request: Request, url: URL, *, with_body: bool
    ) -> tuple[int, dict[str, str], bytearray]:
        response = await self._request(session, request, url)
        try:
            limit, host = self._max_response_bytes, str(url.raw_host)
            body = bytearray()
            if with_body:
                body = await read_body(response, limit=limit, host=host)
        finally:
            # A whole answer has already given its connection back to the pool; any other
            # connection must not go there.
            response.close()
        return response.status, incoming(response.headers), body

    async def _opened(self) -> ClientSession:
        await self.open()
        if self._session is None or self._loop is not asyncio.get_running_loop():
            raise RuntimeError("This outbound client was opened in another event loop.")
        return self._session

    async def _request(self, session: ClientSession, request: Request, url: URL) -> ClientResponse:
        body = request.body
        large = body is not None and len(body) > _LARGE_BODY
        return await session.request(
            request.method,
            url,
            headers=outgoing(request, self._user_agent),
            data=io.BytesIO(body or b"") if large else body,
            allow_redirects=False,
        )
