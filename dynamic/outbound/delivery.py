"""One request of a flow, until there is an answer to give: everything around the single attempt.

    pages of a list  >  attempts  >  a token that works  >  redirects  >  one request

Each request is noted in the caller's list of attempts as it is sent. The caller's deadline bounds
all of it, waiting included.
"""

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dynamic.flow.exchange import (
    Entry,
    Request,
    Response,
    Resting,
    TimedOut,
    Unreachable,
    Unusable,
    UpstreamFailed,
)
from dynamic.outbound import redirect
from dynamic.outbound.auth import Authentication, NoAuth
from dynamic.outbound.circuit import Circuits
from dynamic.outbound.client import Client, Timeouts
from dynamic.outbound.route import Route
from dynamic.outbound.tokens import Token, TokenAuth, Tokens

_NO_AUTH = NoAuth()
_HANGS = 5.0  # seconds without an answer after which a caller's giving up is the host's failure


@dataclass(slots=True)
class Journey:
    """One run's dealings with the outside: when they must end, and what they must not show."""

    deadline: float | None = None  # in the time of the running loop
    secrets: set[str] = field(default_factory=set)  # of the tokens that were used


@dataclass(slots=True)
class _Log:
    """What was sent for one request."""

    entries: list[Entry]
    began: float = field(default_factory=time.perf_counter)


class Delivery:
    """What a worker sends with: its client, the tokens it knows, the state of hosts and lanes."""

    def __init__(self, client: Client, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens
        self._circuits = Circuits()
        self._lanes: dict[str, tuple[int, asyncio.Semaphore]] = {}

    async def send(
        self, request: Request, route: Route, journey: Journey, attempts: list[Entry]
    ) -> Response:
        """The answer to a request, of all its pages where it has some. Raises `UpstreamFailed`."""
        log = _Log(attempts)
        if route.paging is None:
            return await self._attempts(request, route, journey, log)

        async def one(page: Request) -> Response:
            return await self._attempts(page, route, journey, log)

        return await route.paging.collect(request, route.fine, one)

    async def renew(self, auth: TokenAuth, timeouts: Timeouts, journey: Journey) -> None:
        """Obtain the token anew, whether or not the one we have works. Raises NoToken."""
        asked_at = time.time()
        token = await self._token(auth, timeouts, journey)
        if token.obtained_at < asked_at:
            await self._token(auth, timeouts, journey, refused=token.version)

    async def close(self) -> None:
        await self._tokens.close()

    async def send_plainly(
        self, request: Request, auth: Authentication, timeouts: Timeouts
    ) -> Response:
        """One attempt and nothing around it. Raises `UpstreamFailed`."""
        return await self._client.send(request, auth, timeouts)

    async def _attempts(
        self, request: Request, route: Route, journey: Journey, log: _Log
    ) -> Response:
        attempt = 1
        while True:
            try:
                response = await self._admitted(request, route, journey, log)
            except UpstreamFailed as failure:
                delay = self._delay(attempt, request, failure, route, journey)
                if delay is None:
                    raise
            else:
                delay = self._delay(attempt, request, response, route, journey)
                if delay is None:
                    return response
            if log.entries:
                log.entries[-1]["waited_ms"] = round(delay * 1000)
            await asyncio.sleep(delay)
            attempt += 1

    @staticmethod
    def _delay(
        attempt: int,
        request: Request,
        result: Response | UpstreamFailed,
        route: Route,
        journey: Journey,
    ) -> float | None:
        """Seconds to wait before another attempt; None where there is none."""
        rule = request.retry or route.retry
        if not rule.allows(attempt, request.method) or not rule.asks_for(result):
            return None
        delay = rule.delay(attempt, result)
        if delay is None or journey.deadline is None:
            return delay
        # Nobody would be there any more to hear the answer.
        left = journey.deadline - asyncio.get_running_loop().time()
        return delay if delay < left else None

    async def _admitted(
        self, request: Request, route: Route, journey: Journey, log: _Log
    ) -> Response:
        """One attempt, in its turn where the system takes only so many at once."""
        if not route.most_at_once:
            return await self._authenticated(request, route, journey, log)
        async with self._lane(route.lane, route.most_at_once):
            return await self._authenticated(request, route, journey, log)

    def _lane(self, name: str, most: int) -> asyncio.Semaphore:
        limit, lane = self._lanes.get(name, (0, None))
        if lane is None or limit != most:
            lane = asyncio.Semaphore(most)
            self._lanes[name] = (most, lane)
        return lane

    async def _authenticated(
        self, request: Request, route: Route, journey: Journey, log: _Log
    ) -> Response:
        auth = route.auth
        if not isinstance(auth, TokenAuth):
            return (await self._followed(request, auth, route, log))[0]
        token = await self._token(auth, route.timeouts, journey)
        response, by_the_system = await self._followed(request, _Bearing(auth, token), route, log)
        if (
            by_the_system
            and response.status_code in route.token_failures
            and self._tokens.may_renew(auth.recipe, token.version)
        ):
            token = await self._token(auth, route.timeouts, journey, refused=token.version)
            log.entries[-1]["note"] = "The token was refused, and renewed."
            response, _ = await self._followed(request, _Bearing(auth, token), route, log)
        return response

    async def _token(
        self, auth: TokenAuth, timeouts: Timeouts, journey: Journey, refused: str = ""
    ) -> Token:
        async def send(request: Request) -> Response:
            return await self.send_plainly(request, _NO_AUTH, timeouts)

        token = await self._tokens.get(auth.recipe, send, refused=refused)
        journey.secrets.update(auth.secrets_of(token))
        return token

    async def _followed(
        self, request: Request, auth: Authentication, route: Route, log: _Log
    ) -> tuple[Response, bool]:
        """One request and, where the API call allows it, where the answer sends it on to.

        Gives with the answer whether it came from where the credential went.
        """
        hops = 0
        while True:
            response = await self._once(request, auth, route, log)
            onward = redirect.redirected(request, response) if route.redirects else None
            if onward is None:
                return response, auth is not _NO_AUTH
            hops += 1
            if hops > redirect.MOST:
                raise Unusable(f"{request.api} was sent on more than {redirect.MOST} times.")
            log.entries[-1]["note"] = "It was sent on."
            if redirect.leaves(request.url, onward.url):
                auth = _NO_AUTH  # for good, even if a later hop leads back
            request = onward

    async def _once(
        self, request: Request, auth: Authentication, route: Route, log: _Log
    ) -> Response:
        host, system = urlsplit(request.url).netloc, route.lane
        began = time.perf_counter()
        entry: Entry = {
            "at": _milliseconds(began - log.began),
            "method": request.method,
            "url": request.url,
        }
        log.entries.append(entry)
        try:
            self._circuits.check(host, system)
            response = await self._client.send(request, auth, route.timeouts)
        except UpstreamFailed as failure:
            if isinstance(failure, Unreachable | TimedOut):
                self._circuits.failed(host, system)
            elif isinstance(failure, Unusable):  # but an answer
                self._circuits.succeeded(host, system)
            elif not isinstance(failure, Resting):
                self._circuits.untold(host, system)
            entry |= {"ms": failure.ms, "error": str(failure)}
            raise
        except asyncio.CancelledError:
            waited = time.perf_counter() - began
            entry |= {"ms": _milliseconds(waited), "error": "Nobody waited for it any longer."}
            if waited >= _HANGS:
                self._circuits.failed(host, system)
            else:
                self._circuits.untold(host, system)
            raise
        self._circuits.succeeded(host, system)
        entry |= {"ms": response.ms, "status_code": response.status_code}
        return response


@dataclass(frozen=True, slots=True)
class _Bearing:
    """A token put to use for one request."""

    auth: TokenAuth
    token: Token

    def apply(self, request: Request) -> Request:
        return self.auth.apply_token(request, self.token)

    def secrets(self) -> tuple[str, ...]:
        return self.auth.secrets()


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
