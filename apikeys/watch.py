"""Ask four times a second whose data changed, and make the memories forget it.

Ids are given out before a transaction commits, so a lower id may become visible after a higher
one: each poll therefore looks again at everything younger than `OVERLAP` and skips what it has
seen. What a transaction changes that stays open for longer than that is forgotten only by age
(`apikeys.memory.OLDEST`).

While the database cannot be asked, nothing remembered may be trusted for long: after `TRUSTED`
seconds `fresh` is False, and the listener answers 503.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Protocol

from django.db.models import Max

from apikeys.models import Change
from apikeys.store import Store, StoreUnreachable

EVERY = 0.25
TRUSTED = 3.0
OVERLAP = 600.0
KEPT = 3600  # seconds that rows stay in the table, far beyond any overlap
PRUNE_EVERY = 600.0

log = logging.getLogger(__name__)


class Forgetful(Protocol):
    def forget(self, owners: set[int | None]) -> None: ...


class Watch:
    def __init__(self, memories: Sequence[Forgetful]) -> None:
        self._store = Store("watch")
        self._memories = memories
        self._floor = 0
        self._seen: dict[int, float] = {}  # change id -> when we saw it
        self._asked = float("-inf")
        self._pruned = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self._asked < TRUSTED

    async def open(self) -> None:
        """Begin to watch. Raises `StoreUnreachable` where the database is not there."""
        asked = time.monotonic()
        self._floor = await self._store.run(_begin)
        self._asked = asked
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._store.close()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._poll()
            except StoreUnreachable as error:
                if self.fresh:
                    log.warning("Cannot ask what changed: %s", error)
            except Exception:
                # A defect here must be loud, and must end in 503, not in memories that never age.
                log.exception("Cannot ask what changed")

    async def _poll(self) -> None:
        asked = time.monotonic()
        rows = await self._store.run(_after, self._floor)
        owners = {owner for change, owner in rows if change not in self._seen}
        if owners:
            for memory in self._memories:
                memory.forget(owners)
        for change, _ in rows:
            self._seen.setdefault(change, asked)
        for change in [id_ for id_, at in self._seen.items() if at < asked - OVERLAP]:
            self._floor = max(self._floor, change)
            del self._seen[change]
        self._asked = asked
        if asked - self._pruned > PRUNE_EVERY:
            self._pruned = asked
            await self._store.run(_prune)


def _begin() -> int:
    # Less some that were written, but perhaps not visible yet.
    return (Change.objects.aggregate(newest=Max("id"))["newest"] or 0) - 1000


def _after(floor: int) -> list[tuple[int, int | None]]:
    return list(Change.objects.filter(id__gt=floor).values_list("id", "owner_id"))


def _prune() -> None:
    Change.objects.filter(at__lt=time.time() - KEPT).delete()
