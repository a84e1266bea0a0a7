"""A well-behaved API on loopback whose answers a test scripts, request by request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Api:
    """`script[path]` holds answers: each request takes the next, the last one stays."""

    url: str = ""
    script: dict[str, list[Any]] = field(default_factory=dict)
    seen: list[web.Request] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    connections: set[Any] = field(default_factory=set)

    def answer(self, path: str, *answers: Any) -> None:
        """An answer is a status, JSON data, a response, or a coroutine function of the request."""
        self.script[path] = list(answers)

    def targets(self, path: str = "/") -> list[str]:
        return [request.raw_path for request in self.seen if request.path.startswith(path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.bodies.append(await request.text())
        self.connections.add(request.transport)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(request)
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answers = self.script.get(request.path, [404])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = await answer(request)
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, int):
            return web.json_response({"status": answer}, status=answer)
        return web.json_response(answer)


def response(status: int = 200, data: Any = None, **headers: str) -> Answer:
    """An answer to script, made anew for each request; `_` in names of headers stands for `-`."""

    async def make(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(data, status=status, headers=named)

    return make


def together(count: int, then: Any) -> Answer:
    """Hold every request until so many are there, and answer all alike."""
    arrived: list[asyncio.Event] = []
    all_here = asyncio.Event()

    async def make(_: web.Request) -> web.StreamResponse:
        arrived.append(all_here)
        if len(arrived) >= count:
            all_here.set()
        async with asyncio.timeout(5):
            await all_here.wait()
        if isinstance(then, int):
            return web.json_response({"status": then}, status=then)
        return web.json_response(then)

    return make


@asynccontextmanager
async def serving() -> AsyncIterator[Api]:
    api = Api()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", api.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()
