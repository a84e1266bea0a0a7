"""What a server does for its keys beside its calls: write what they noted, mail what is due."""

import asyncio
import logging
from collections.abc import Callable

from apikeys import notices
from apikeys.notebook import NOTEBOOK
from apikeys.store import Store, StoreUnreachable

WRITE_EVERY = 1.0  # seconds
MAIL_EVERY = 60.0

log = logging.getLogger(__name__)


class Background:
    """One a server process. Mail waits on a thread of its own: a mail server may take its time."""

    def __init__(self) -> None:
        self._writing = Store("notebook")
        self._mailing = Store("notices", longest_wait=None)
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(again(WRITE_EVERY, self._writing, NOTEBOOK.write_due)),
            loop.create_task(again(MAIL_EVERY, self._mailing, notices.send_due)),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._writing.run(NOTEBOOK.write_due, everything=True)
        except Exception:
            # Whatever it was, the rest of the server is to be closed, too.
            log.exception("The last uses of keys were not noted")
        self._writing.close()
        self._mailing.close()


async def again(seconds: float, store: Store, work: Callable[[], object]) -> None:
    """Do the work every so many seconds, whatever happens to it, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await store.run(work)
        except StoreUnreachable as error:
            log.warning("%s: the database cannot be reached: %s", work.__qualname__, error)
        except Exception:
            log.exception("%s failed", work.__qualname__)
