"""What a server does for the history of runs beside writing it."""

import asyncio
import logging

from django.db import connection
from django.utils import timezone

from apikeys.store import Store, StoreUnreachable
from dynamic.models import async_call, idempotency
from dynamic.runs.unfinished import mark_unknown
from dynamic.runs.unrecorded import tell_of_the_gone

EVERY = 20.0  # seconds

log = logging.getLogger(__name__)


class Upkeep:
    """One a server process. The first round is made at start-up."""

    def __init__(self) -> None:
        self._store = Store("upkeep", longest_wait=None)
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self._store.close)

    async def _run(self) -> None:
        while True:
            try:
                await self._store.run(_round)
            except StoreUnreachable as error:
                log.warning("Runs are not kept in order: %s", error)
            except Exception:
                log.exception("Runs are not kept in order")
            await asyncio.sleep(EVERY)


def _round() -> None:
    now = timezone.now()
    try:
        tell_of_the_gone()
        if cut_off := mark_unknown(now):
            log.warning("%d runs were cut off; how they ended is not known", cut_off)
        idempotency.forget_expired(now)
        async_call.forget_expired(now)
    finally:
        connection.close()  # back to the pool, until the next round
