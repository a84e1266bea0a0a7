"""What a server does for the runs of its pipes: mail those that failed, forget the old."""

import asyncio
import logging
import threading

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from apikeys.background import again
from apikeys.store import Store
from dynamic.runs import alerts, digests
from dynamic.runs.retention import prune

ASK_EVERY = 300.0  # seconds
ALERT_EVERY = 60.0
_HOUR = 3600  # seconds
_TAKEN = "runs-pruned"  # in the cache that all servers share, for an hour

log = logging.getLogger(__name__)


class Pruning:
    """One a server process; of several, one prunes, once an hour."""

    def __init__(self) -> None:
        self._store = Store("pruning", longest_wait=None)
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        work = again(ASK_EVERY, self._store, self._round)
        self._task = asyncio.get_running_loop().create_task(work)

    async def close(self) -> None:
        self._stopping.set()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self._store.close)

    def round(self) -> None:
        """Prune, unless some process has done so within the hour."""
        if cache.add(_TAKEN, True, _HOUR):
            for each in prune(timezone.now(), stopping=self._stopping.is_set):
                log.info("%d old runs of pipe %s deleted", each.count, each.pipe.pk)

    def _round(self) -> None:
        try:
            self.round()
        finally:
            connection.close()  # of this thread: pages need it more


class Alerting:
    """One a server process; each looks, and what one has told no other tells."""

    def __init__(self) -> None:
        self._store = Store("alerts", longest_wait=None)
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(again(ALERT_EVERY, self._store, work)) for work in (_alert, _digest)
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._store.close)


def _alert() -> None:
    try:
        alerts.send_due(timezone.now())
    finally:
        connection.close()


def _digest() -> None:
    try:
        digests.send_due(timezone.now())
    finally:
        connection.close()
