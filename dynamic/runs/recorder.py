"""Write runs down: away from the event loop, in batches, nothing silently lost.

Runs of reads are handed over and written soon; runs of writes are waited for, so that no caller
hears of a write that history does not know. Both go through one bounded queue: when it is full,
callers wait (back-pressure) instead of runs being dropped. `close` writes what is left. What a
server that is killed had not written is counted where it is found (`dynamic.runs.unrecorded`).
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass

from apikeys.store import LONGEST_WAIT, Store, StoreUnreachable
from dynamic.models.run import NOT_ENDED
from dynamic.runs.counts import COUNTS
from dynamic.runs.drift import DriftNotes, Seen
from dynamic.runs.storing import FinishedRun, store
from dynamic.runs.unrecorded import Unrecorded

QUEUE = 10_000
BATCH = 500
PAUSE = 0.1  # seconds from a batch to the next where nobody waits: a row in a batch costs a tenth
RETRY_AFTER = 0.5  # seconds between tries while the database cannot be reached
LAST_TRIES = 10  # of them at shutdown
_TELL_EVERY = 60.0  # seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Item:
    run: FinishedRun
    stored: asyncio.Future[None] | None = None
    is_owed: bool = False  # its caller has the answer already

    @property
    def is_waited_for(self) -> bool:
        return not self.is_owed and not self.run.is_progress


class Recorder:
    def __init__(self) -> None:
        self._store = Store("recorder")
        self._drifts = DriftNotes()
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._urgent = asyncio.Event()  # somebody waits, or we are closing
        self._unrecorded = Unrecorded()
        self._told_full = -_TELL_EVERY  # when, by the monotonic clock

    def open(self) -> None:
        self._unrecorded.open()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Write what is queued, then stop."""
        self._closing = True
        self._urgent.set()
        if self._task:
            await self._queue.join()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._unrecorded.close()
        self._store.close()

    async def add(self, run: FinishedRun, *, wait: bool) -> None:
        """Queue the run; with `wait`, return once it is stored, or raise `StoreUnreachable`."""
        if run.row["status"] not in NOT_ENDED:
            COUNTS.run_ended(run.row["status"], run.row["ms"] / 1000)
        if not wait:
            await self._put(_Item(run, is_owed=True))
            self._unrecorded.add()
            return
        stored = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._put(_Item(run, stored))
                self._urgent.set()
                await stored
        except TimeoutError:
            raise StoreUnreachable(f"the run was not stored within {LONGEST_WAIT:g} s") from None

    def note(self, run: FinishedRun) -> asyncio.Future[None] | None:
        """Queue how a run stands that goes on; the future is done once that is stored.

        None where there is so much to write already that it has to do without.
        """
        if self._queue.qsize() > QUEUE // 2:
            return None
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        COUNTS.queued += 1
        self._queue.put_nowait(_Item(run, stored))
        return stored

    async def _put(self, item: _Item) -> None:
        if self._queue.full():
            COUNTS.waited_for_room += 1
            self._tell_full()
        await self._queue.put(item)
        COUNTS.queued += 1

    def _tell_full(self) -> None:
        now = time.monotonic()
        if now - self._told_full >= _TELL_EVERY:
            self._told_full = now
            log.warning(
                "%d runs wait to be recorded, and no more can: callers wait until the database has "
                "caught up",
                QUEUE,
            )

    async def _run(self) -> None:
        earliest = 0.0  # when, by the loop's clock, a batch may begin that nobody waits for
        while True:
            batch = [await self._queue.get()]
            if not batch[0].is_waited_for and not self._closing:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(earliest):
                        await self._urgent.wait()
            self._urgent.clear()
            earliest = asyncio.get_running_loop().time() + PAUSE
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            COUNTS.taken += len(batch)
            COUNTS.batches += 1
            settled = self._unrecorded.settled + sum(item.is_owed for item in batch)
            try:
                await self._write(batch, settled)
            except Exception as error:
                # Whatever it was, the next batch is wanted.
                log.exception("%d runs could not be recorded", len(batch))
                COUNTS.not_recorded += len(batch)
                for item in batch:
                    _settle(item, error)
            finally:
                self._unrecorded.settle(settled)
                for _ in batch:
                    self._queue.task_done()

    async def _write(self, batch: list[_Item], settled: int) -> None:
        """Store a batch; while the database is away, try again for as long as there is time."""
        tries = LAST_TRIES
        runs = [item.run for item in batch]
        while True:
            try:
                lost = await self._store.run(self._store_and_settle, runs, settled)
                break
            except StoreUnreachable as error:
                tries -= self._closing
                if tries == 0:
                    log.error("%d runs could not be recorded: %s", len(batch), error)
                    COUNTS.not_recorded += len(batch)
                    return
                await asyncio.sleep(RETRY_AFTER)
        COUNTS.rows += len(batch) - len(lost)
        COUNTS.not_recorded += len(lost)
        for item in batch:
            _settle(item, lost.get(item.run.row["id"]))
        await self._compare(runs)

    def _store_and_settle(self, runs: list[FinishedRun], settled: int) -> dict[str, Exception]:
        lost = store(runs)
        # At once: the loop may be busy for a while, and what is stored is not to be missed.
        self._unrecorded.settle(settled)
        return lost

    async def _compare(self, runs: list[FinishedRun]) -> None:
        """Note where responses lack what flows expect. The runs are stored, whatever comes."""
        seen = [
            Seen(run.row["id"], run.row["trace"], run.expectations)
            for run in runs
            if run.expectations
        ]
        try:
            if seen:
                await self._store.run(self._drifts.note, seen)
        except Exception:
            log.exception("The responses of %d runs could not be compared", len(seen))


def _settle(item: _Item, error: Exception | None) -> None:
    if item.stored is None or item.stored.done():
        return
    if error is None:
        item.stored.set_result(None)
    else:
        item.stored.set_exception(error)
