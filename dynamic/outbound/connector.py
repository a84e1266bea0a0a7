"""Where the guard meets aiohttp: at the moment of connecting.

aiohttp asks its resolver about names only, never about literal addresses, but it asks its socket
factory about both. The factory is told the address and not the name that led to it; the name
travels in a context variable, which the tasks of happy eyeballs (RFC 8305) inherit.

A pooled connection is not judged again. It need not be: the pool is keyed by host and port, so
only a request to the name or literal that was allowed can find it.
"""

import asyncio
import functools
import socket
from contextvars import ContextVar
from dataclasses import dataclass, field

from aiohttp import AddrInfoType, TCPConnector
from aiohttp.abc import AbstractResolver
from aiohttp.client import ClientTimeout
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from accounts.sealing import require_leave
from dynamic.outbound.guard import AddressRefused, Guard


@dataclass(slots=True, eq=False)
class Attempt:
    """One request on its way: whom it asked for, and how far it has come."""

    host: str  # canonical
    deadline: asyncio.Timeout  # the connect timeout until connected, the read timeout after
    read: float  # seconds from being connected to the last byte
    connected: bool = False
    tried: bool = False  # at least one address passed the guard
    refusals: list[AddressRefused] = field(default_factory=list)

    def mark_connected(self) -> None:
        """Start the read timeout. Once only: a connection lost and replaced buys no time."""
        if not self.connected and not self.deadline.expired():
            self.connected = True
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.read)


current_attempt: ContextVar[Attempt] = ContextVar("current_attempt")


class GuardedConnector(TCPConnector):
    """aiohttp's pool of connections, each judged by the guard before its socket exists."""

    def __init__(self, guard: Guard, *, limit: int, resolver: AbstractResolver | None) -> None:
        super().__init__(
            limit=limit,
            resolver=resolver,
            socket_factory=functools.partial(_guarded_socket, guard),
        )

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109, aiohttp's own signature
    ) -> Connection:
        """A connection from the pool or a new one; tells the attempt that it is there.

        Raises NothingLeaves, before any name is looked up, where a run is only simulated.
        """
        require_leave("A connection to a system")
        connection = await super().connect(req, traces, timeout)
        current_attempt.get().mark_connected()
        return connection


def _guarded_socket(guard: Guard, addr_info: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, address = addr_info
    attempt = current_attempt.get()
    try:
        guard.check(attempt.host, str(address[0]), int(address[1]))
    except AddressRefused as refusal:
        attempt.refusals.append(refusal)
        raise
    attempt.tried = True
    return socket.socket(family=family, type=kind, proto=protocol)
