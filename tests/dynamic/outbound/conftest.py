"""Real servers on loopback, and a client that is allowed to reach them."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from dynamic.flow.exchange import Request, Response
from dynamic.outbound.auth import Authentication, NoAuth
from dynamic.outbound.client import Client, Timeouts
from dynamic.outbound.guard import Allowed, Guard
from tests.dynamic.outbound.api import Api, serving
from tests.dynamic.outbound.delivering import Deliverer

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Listener:
    """A raw TCP server that does to each connection what it is told."""

    port: int = 0
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def read_head(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        return head

    async def all_gone(self) -> None:
        """Wait until every connection has ended; fails when one is still held."""
        async with asyncio.timeout(2):
            while self.tasks:
                await asyncio.wait(self.tasks)


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[Listener]]]:
    """`await listen(behaviour)`; a behaviour of bytes is answered to every request.

    Connections are held until the client ends them, unless the behaviour closes its writer.
    """
    async with contextlib.AsyncExitStack() as stack:

        async def start(behaviour: Behaviour | bytes, **options: Any) -> Listener:
            listener = Listener()

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                listener.connections += 1
                task = asyncio.current_task()
                assert task is not None
                listener.tasks.add(task)
                with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                    if isinstance(behaviour, bytes):
                        while True:
                            await listener.read_head(reader)
                            writer.write(behaviour)
                    await behaviour(reader, writer)
                    if not writer.is_closing():
                        await reader.read()
                listener.tasks.discard(task)
                writer.close()

            server = await asyncio.start_server(
                connected, options.pop("host", "127.0.0.1"), 0, **options
            )
            listener.port = server.sockets[0].getsockname()[1]

            async def stop() -> None:
                server.close()
                await listener.all_gone()

            stack.push_async_callback(stop)
            return listener

        yield start


@pytest.fixture
async def make_client(
    listen: object,  # so that the clients close before the listeners wait for their connections
) -> AsyncIterator[Callable[..., Client]]:
    """`make_client(allowed=[...], ...)`, closed when the test ends."""
    async with contextlib.AsyncExitStack() as stack:

        def make(allowed: list[str] | None = None, **options: Any) -> Client:
            entries = ["127.0.0.1"] if allowed is None else allowed
            client = Client(Guard(Allowed.parse(entries)), **options)
            stack.push_async_callback(client.close)
            return client

        yield make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving() as api:
        yield api


@pytest.fixture
async def other_api() -> AsyncIterator[Api]:
    """Another origin than `api`'s."""
    async with serving() as api:
        yield api


@pytest.fixture
def deliver(client: Client) -> Deliverer:
    return Deliverer(client)


@pytest.fixture
def send(client: Client) -> Callable[..., Awaitable[Response]]:
    """`await send(url, method=..., ...)` with timeouts short enough for a test."""

    async def sent(
        url: str,
        method: str = "GET",
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes | None = None,
        auth: Authentication | None = None,
        connect: float = 5.0,
        read: float = 5.0,
        by: Client = client,
    ) -> Response:
        request = Request("shop/get-order", method, url, headers, body)
        return await by.send(request, auth or NoAuth(), Timeouts(connect, read))

    return sent


@pytest.fixture
def reset() -> Callable[[asyncio.StreamWriter], None]:
    """Ends a connection with a reset (RST) in place of a proper close."""

    def end(writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

    return end


class Names(AbstractResolver):
    """A resolver with one list of answers a name: each look-up takes the next, the last stays."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): rows for name, rows in answers.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        rows = self.answers[host]
        addresses = rows.pop(0) if len(rows) > 1 else rows[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def names() -> type[Names]:
    return Names


@pytest.fixture
def unused_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
