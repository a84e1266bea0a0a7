"""What a server does for the runs of its pipes: mail those that failed, forget the old."""

import asyncio
import logging
import threading
from functools import partial

from django.core.cache import cache
from django.utils import timezone

from apikeys.rounds import Rounds
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
        self._store = Store("pruning", longest_wait=None, is_seldom=True)
        self._stopping = threading.Event()
        work = partial(self._store.run, self.round)
        self._rounds = Rounds(ASK_EVERY, work, "Old runs are not deleted")

    def open(self) -> None:
        self._rounds.open()

    async def close(self) -> None:
        self._stopping.set()
        await self._rounds.close()
        await asyncio.to_thread(self._store.close)

    def round(self) -> None:
        """Prune, unless some process has done so within the hour."""
        if cache.add(_TAKEN, True, _HOUR):
            for each in prune(timezone.now(), stopping=self._stopping.is_set):
                log.info("%d old runs of pipe %s deleted", each.count, each.pipe.pk)


class Alerting:
    """One a server process; each looks, and what one has told no other tells."""

    def __init__(self) -> None:
        self._store = Store("alerts", longest_wait=None, is_seldom=True)
        self._rounds = [
            Rounds(ALERT_EVERY, partial(self._store.run, _alert), "Alerts are not sent"),
            Rounds(ALERT_EVERY, partial(self._store.run, _digest), "Digests are not sent"),
        ]

    def open(self) -> None:
        for each in self._rounds:
            each.open()

    async def close(self) -> None:
        for each in self._rounds:
            await each.close()
        await asyncio.to_thread(self._store.close)


def _alert() -> None:
    alerts.send_due(timezone.now())


def _digest() -> None:
    digests.send_due(timezone.now())
