"""What a server does for the history of runs beside writing it."""

import asyncio
import logging
from functools import partial

from django.utils import timezone

from apikeys.rounds import Rounds
from apikeys.store import Store
from dynamic.models import async_call, idempotency
from dynamic.runs.unfinished import mark_unknown
from dynamic.runs.unrecorded import tell_of_the_gone

EVERY = 20.0  # seconds

log = logging.getLogger(__name__)


class Upkeep:
    """One a server process. The first round is made at start-up."""

    def __init__(self) -> None:
        self._store = Store("upkeep", longest_wait=None, is_seldom=True)
        work = partial(self._store.run, _round)
        self._rounds = Rounds(EVERY, work, "Runs are not kept in order", at_once=True)

    def open(self) -> None:
        self._rounds.open()

    async def close(self) -> None:
        await self._rounds.close()
        await asyncio.to_thread(self._store.close)


def _round() -> None:
    now = timezone.now()
    tell_of_the_gone()
    if cut_off := mark_unknown(now):
        log.warning("%d runs were cut off; how they ended is not known", cut_off)
    idempotency.forget_expired(now)
    async_call.forget_expired(now)
