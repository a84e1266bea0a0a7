"""One event loop on a thread of its own, for servers without one (WSGI, runserver, tests).

`async_to_sync` would make a new loop a call, and a pooled outbound connection belongs to the
loop it was made in. Started with the first call, so that a forking server forks before it.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from dynamic.listener.runtime import Runtime

T = TypeVar("T")

_lock = threading.Lock()
_current: "LoopThread | None" = None


class LoopThread:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._thread.start()
        self.runtime = Runtime()
        try:
            self._wait(self.runtime.open())
        except BaseException:
            self.close()
            raise

    def start(self, work: Callable[[Runtime], Coroutine[Any, Any, T]]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work(self.runtime), self._loop)

    def close(self) -> None:
        self._wait(self.runtime.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


def current() -> LoopThread:
    """The process's loop thread. Raises `StoreUnreachable` where it cannot start."""
    global _current
    with _lock:
        if _current is None:
            _current = LoopThread()
        return _current


def close() -> None:
    """Write what is queued and stop; the next `current` starts anew."""
    global _current
    with _lock:
        if _current is not None:
            _current.close()
            _current = None


# Not `atexit`: by then the executors that write the last runs are shut down. What is registered
# here runs before them, as it is registered after them.
threading._register_atexit(close)  # type: ignore[attr-defined]
