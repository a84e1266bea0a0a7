"""A `Delivery` for tests, and a vault that keeps tokens in memory, as the database's does."""

import asyncio
from typing import Any

from dynamic.flow.exchange import Entry, Request, Response
from dynamic.outbound.auth import NoAuth
from dynamic.outbound.client import Client, Timeouts
from dynamic.outbound.delivery import Delivery, Journey
from dynamic.outbound.route import Route
from dynamic.outbound.tokens import Recipe, Token, Tokens

TIMEOUTS = Timeouts(connect=5.0, read=5.0)


class MemoryVault:
    """Two `Tokens` with one of these are two processes with one database."""

    def __init__(self) -> None:
        self.kept: dict[str, Token] = {}
        self.claimed: set[int] = set()
        self.saved = 0

    async def load(self, recipe: Recipe) -> Token | None:
        await asyncio.sleep(0)
        return self.kept.get(recipe.made_for)

    async def claim(self, recipe: Recipe) -> bool:
        if recipe.credential in self.claimed:
            return False
        self.claimed.add(recipe.credential)
        return True

    async def save(self, recipe: Recipe, token: Token) -> None:
        self.kept[recipe.made_for] = token
        self.claimed.discard(recipe.credential)
        self.saved += 1

    async def release(self, recipe: Recipe) -> None:
        self.claimed.discard(recipe.credential)


class Deliverer:
    """`await deliver(url, method=…, retry=…, …)`: one request by a route of these options.

    `attempts` tells what was sent for the last one.
    """

    def __init__(self, client: Client, vault: MemoryVault | None = None) -> None:
        self.vault = vault or MemoryVault()
        self.delivery = Delivery(client, Tokens(self.vault))
        self.attempts: list[Entry] = []

    async def __call__(
        self,
        url: str,
        method: str = "GET",
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes | None = None,
        journey: Journey | None = None,
        timeouts: Timeouts = TIMEOUTS,
        **options: Any,
    ) -> Response:
        options.setdefault("auth", NoAuth())
        request = Request("shop/get-order", method, url, headers, body)
        route = Route(timeouts=timeouts, **options)
        self.attempts = attempts = []
        return await self.delivery.send(request, route, journey or Journey(), attempts)
