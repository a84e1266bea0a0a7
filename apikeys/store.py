"""The database, as the event loop may use it: on threads that keep a connection of their own."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error, InterfaceError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_WAIT = 5.0  # seconds a caller waits for the database before it is told 503
UNREACHABLE: Counter[str] = Counter()  # how often it was, by the store's name, for operators


class StoreUnreachable(Exception):
    """The database did not answer, or not in time."""


class Store:
    """Runs functions that use the ORM on `threads` threads, away from the event loop.

    A function may be called twice, so it must do no harm when the first call came through. The
    connections stay open: Django closes them only at the end of its own requests. With
    `is_seldom` they go back to the pool after each function, as pages need them more.
    """

    def __init__(
        self,
        name: str,
        threads: int = 1,
        *,
        longest_wait: float | None = LONGEST_WAIT,
        is_seldom: bool = False,
    ) -> None:
        self._name = name
        self._count = threads
        self._longest_wait = longest_wait  # seconds
        self._is_seldom = is_seldom
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises `StoreUnreachable`; any other exception is the function's own."""
        loop = asyncio.get_running_loop()

        def work() -> T:
            try:
                return _connected(function, *args, **kwargs)
            finally:
                if self._is_seldom:
                    _drop_connection()

        done = loop.run_in_executor(self._threads, work)
        try:
            async with asyncio.timeout(self._longest_wait):
                return await done
        except StoreUnreachable:
            UNREACHABLE[self._name] += 1
            raise
        except TimeoutError:
            UNREACHABLE[self._name] += 1
            raise StoreUnreachable(f"no answer within {self._longest_wait:g} s") from None

    def close(self) -> None:
        """Let the work under way end, and give each thread's connection back."""
        # The barrier makes each thread take one of these, and not one thread all of them.
        barrier = threading.Barrier(self._count)
        for _ in range(self._count):
            self._threads.submit(_leave, barrier)
        self._threads.shutdown(wait=True)


def _connected(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function; once more where an old connection turns out to have been closed."""
    fresh = connection.connection is None
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        _drop_connection()
        if fresh:
            raise StoreUnreachable(str(error)) from error
    return _connected(function, *args, **kwargs)


def _leave(barrier: threading.Barrier) -> None:
    connection.close()
    barrier.wait()


def _drop_connection() -> None:
    try:
        connection.close()
    except Error:
        # A connection that cannot even be closed is as gone as one that can.
        connection.connection = None
