"""Write runs down: away from the event loop, in batches, nothing silently lost.

Runs of reads are handed over and written soon; runs of writes are waited for, so that no caller
hears of a write that history does not know. Both go through one bounded queue: when it is full,
callers wait (back-pressure) instead of runs being dropped. `close` writes what is left.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from apikeys.store import Store, StoreUnreachable
from dynamic.models import Run
from dynamic.runs.redaction import Redactor

QUEUE = 10_000
BATCH = 500
RETRY_AFTER = 0.5  # seconds between tries while the database cannot be reached
LAST_TRIES = 10  # of them at shutdown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run's row as it happened; `secrets` are the values to mask before it is kept."""

    row: dict[str, Any]
    secrets: frozenset[str]

    def redacted(self) -> Run:
        redactor = Redactor(self.secrets)
        kept = ("input", "answer", "trace", "message")
        return Run(**{**self.row, **{name: redactor.clean(self.row[name]) for name in kept}})


_Item = tuple[FinishedRun, asyncio.Future[None] | None]


class Recorder:
    def __init__(self) -> None:
        self._store = Store("recorder")
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Write what is queued, then stop."""
        self._closing = True
        if self._task:
            await self._queue.join()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._store.close()

    async def add(self, run: FinishedRun, *, wait: bool) -> None:
        """Queue the run; with `wait`, return once it is stored (or raise `StoreUnreachable`)."""
        if not wait:
            await self._queue.put((run, None))
            return
        stored = asyncio.get_running_loop().create_future()
        await self._queue.put((run, stored))
        await stored

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._write(batch)
            for _ in batch:
                self._queue.task_done()

    async def _write(self, batch: list[_Item]) -> None:
        tries = 0
        while batch:
            try:
                await self._store.run(_store, [run for run, _ in batch])
            except StoreUnreachable as error:
                tries += 1
                # Whoever waits is told now; what nobody waits for is tried again.
                batch = [item for item in batch if not _tell(item[1], error)]
                if self._closing and tries >= LAST_TRIES:
                    log.error("%d runs could not be recorded: %s", len(batch), error)
                    return
                await asyncio.sleep(RETRY_AFTER)
            except Exception as error:
                log.exception("%d runs could not be recorded", len(batch))
                for _, stored in batch:
                    _tell(stored, error)
                return
            else:
                for _, stored in batch:
                    if stored and not stored.done():
                        stored.set_result(None)
                return


def _tell(stored: asyncio.Future[None] | None, error: Exception) -> bool:
    if stored is None:
        return False
    if not stored.done():
        stored.set_exception(error)
    return True


def _store(runs: list[FinishedRun]) -> None:
    Run.objects.bulk_create([run.redacted() for run in runs])
