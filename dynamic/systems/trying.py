"""Try a call or a connection, for a person who waits in front of a page.

The same machinery as a pipe's (`Delivery`, the guard, the tokens in the database), opened for one
request: the page's thread has no event loop, and the server's own has pipes to answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.conf import settings

from dynamic.flow.answers import traced_request, traced_response
from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.exchange import Entry, NoToken, Request, Response, UpstreamFailed
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import StepFailed
from dynamic.flow.rows import read_rows
from dynamic.models import ApiCall, Credential, System
from dynamic.models.authentication import authentication
from dynamic.models.credential import base_url_of
from dynamic.outbound.client import Client, Timeouts
from dynamic.outbound.delivery import Delivery, Journey
from dynamic.outbound.guard import Guard
from dynamic.outbound.route import Route
from dynamic.outbound.tokens import TokenAuth, Tokens
from dynamic.runs.redaction import Redactor, secrets_by_name
from dynamic.systems.vault import DatabaseVault

LONGEST = 60.0  # seconds that a person is kept waiting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trial:
    """What happened, secrets masked: `request` and `response` are as a run's trace holds them."""

    ok: bool  # an answer came, of a status that the call calls fine
    sentence: str
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)  # where more than one was made
    ms: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def try_call(
    call: ApiCall,
    credential: Credential | None,
    arguments: dict[str, Any],
    *,
    fresh_token: bool = False,
) -> Trial:
    """Make the call with these arguments. Blocks for at most a minute; raises nothing that a
    system, its settings or the arguments can cause.
    """
    try:
        compiled = call.compile(call.base_url(credential))
        route = call.route(credential)
        request = compiled.request(arguments)
    except (ExpressionInvalid, StepFailed, ValueError) as error:
        return Trial(False, f"The request cannot be made. {error}")
    return _try(request, route, fresh_token)


def try_connection(
    system: System, credential: Credential | None, *, fresh_token: bool = False
) -> Trial:
    """Ask for the system's health check path with its credential; otherwise as `try_call`."""
    try:
        request, route = connection(system, credential)
    except (ExpressionInvalid, StepFailed, ValueError) as error:
        return Trial(False, f"The request cannot be made. {error}")
    return _try(request, route, fresh_token)


def connection(system: System, credential: Credential | None) -> tuple[Request, Route]:
    """The request that tells whether a system answers, and how it goes out.

    Raises ExpressionInvalid, StepFailed or ValueError where the settings make none.
    """
    base_url = base_url_of(system, credential)
    compiled = CompiledCall.compile(
        name=f"{system.slug} (connection)",
        method="GET",
        base_url=base_url,
        path=system.health_path,
        query=read_rows("common_query", system.common_query),
        headers=read_rows("common_headers", system.common_headers),
    )
    timeouts = Timeouts(system.connect_timeout, system.read_timeout)
    auth, lane = authentication(system, credential), f"system {system.pk}"
    route = Route(auth, timeouts, redirects=True, lane=lane)
    return compiled.request({}), route


def _try(request: Request, route: Route, fresh_token: bool) -> Trial:
    journey = Journey()
    trial = with_delivery(lambda delivery: _made(delivery, request, route, journey, fresh_token))
    shown = asdict(trial)
    secrets = {*route.auth.secrets(), *journey.secrets, *secrets_by_name(shown)}
    return Trial(**Redactor(secrets).clean(shown))


def with_delivery(work: Callable[[Delivery], Awaitable[T]]) -> T:
    """Run `work` with a `Delivery` of its own. Not for a thread that has an event loop."""

    async def run() -> T:
        client, vault = Client(Guard(settings.OUTBOUND_ALLOWED)), DatabaseVault()
        delivery = Delivery(client, Tokens(vault))
        try:
            return await work(delivery)
        finally:
            await delivery.close()
            await client.close()
            await asyncio.get_running_loop().run_in_executor(None, vault.close)

    return asyncio.run(run())


async def _made(
    delivery: Delivery, request: Request, route: Route, journey: Journey, fresh_token: bool
) -> Trial:
    loop = asyncio.get_running_loop()
    attempts: list[Entry] = []
    response: Response | None
    journey.deadline = loop.time() + LONGEST
    try:
        async with asyncio.timeout_at(journey.deadline):
            if fresh_token and isinstance(route.auth, TokenAuth):
                await delivery.renew(route.auth, route.timeouts, journey)
            response = await delivery.send(request, route, journey, attempts)
    except TimeoutError:
        sentence, response, ms = f"Nothing came within {LONGEST:g} s.", None, LONGEST * 1000
    except NoToken as error:
        sentence, response, ms = str(error), None, error.ms
    except UpstreamFailed as error:
        sentence, response, ms = f"No usable answer: {error}", None, error.ms
    else:
        ms = response.ms
        sentence = f"Answered {response.status_code} in {ms:.0f} ms."
    return Trial(
        response is not None and response.status_code in route.fine,
        sentence,
        traced_request(request),
        traced_response(response) if response else None,
        attempts if len(attempts) > 1 else [],
        ms,
    )
