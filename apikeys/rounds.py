"""What a server does again and again beside its calls."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apikeys.store import StoreUnreachable

log = logging.getLogger(__name__)


class Rounds:
    """Do the work every so many seconds, whatever happens to it.

    The first round is made that long after `open`, or `at_once`. Where one fails the log says
    `failing`, such as "Callbacks are not sent", and why; that is also the name of the task.
    """

    def __init__(
        self,
        seconds: float,
        work: Callable[[], Awaitable[object]],
        failing: str,
        *,
        at_once: bool = False,
    ) -> None:
        self._seconds = seconds
        self._first_after = 0.0 if at_once else seconds
        self._work = work
        self._failing = failing
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name=self._failing)

    async def close(self) -> None:
        """Cancel the round under way; what it runs on a thread goes on there."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await asyncio.sleep(self._first_after)
        while True:
            try:
                await self._work()
            except StoreUnreachable as error:
                log.warning("%s: %s", self._failing, error)
            except Exception:
                log.exception("%s", self._failing)
            await asyncio.sleep(self._seconds)
