"""Write runs down: away from the event loop, in batches, nothing silently lost.

Runs of reads are handed over and written soon; runs of writes are waited for, so that no caller
hears of a write that history does not know. Both go through one bounded queue: when it is full,
callers wait (back-pressure) instead of runs being dropped. `close` writes what is left.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from apikeys.store import LONGEST_WAIT, Store, StoreUnreachable
from dynamic.models import Run
from dynamic.runs.bodies import KEEP_ALL, Keeping, without_bodies
from dynamic.runs.drift import DriftNotes, Expectations, Seen
from dynamic.runs.redaction import Redactor, secrets_by_name

QUEUE = 10_000
BATCH = 500
LINGER = 0.1  # seconds that the runs of reads wait for company
RETRY_AFTER = 0.5  # seconds between tries while the database cannot be reached
LAST_TRIES = 10  # of them at shutdown

# What is known of a run at its end only. Of its input more may have to be masked then.
_ENDED = ["status", "http_status", "message", "ms", "input", "answer", "trace"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run's row as it happened, or as far as it has; `secrets` are masked before it is kept."""

    row: dict[str, Any]
    secrets: frozenset[str]
    expectations: Expectations | None = None  # its flow's, of the responses in its trace
    keeping: Keeping = KEEP_ALL  # what its pipe wants to be kept
    also: Callable[[], None] | None = None  # stores what is to be committed together with it

    def redacted(self) -> Run:
        kept = {name: self.row[name] for name in ("input", "answer", "trace", "message")}
        names = self.keeping.names
        # Also those of bodies that are not kept: the message may repeat them.
        redactor = Redactor({*self.secrets, *secrets_by_name(kept, names)}, names)
        if not self.keeping.keeps_bodies(self.row["status"]):
            kept |= without_bodies(kept)
        clean = {name: redactor.clean(value) for name, value in kept.items()}
        # The one of them that is no JSON: PostgreSQL takes no NUL in a text.
        clean["message"] = clean["message"].replace("\0", "\ufffd")
        return Run(**{**self.row, **clean})


_Item = tuple[FinishedRun, asyncio.Future[None] | None]


class Recorder:
    def __init__(self) -> None:
        self._store = Store("recorder")
        self._drifts = DriftNotes()
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._urgent = asyncio.Event()  # somebody waits, or we are closing

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Write what is queued, then stop."""
        self._closing = True
        self._urgent.set()
        if self._task:
            await self._queue.join()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._store.close()

    async def add(self, run: FinishedRun, *, wait: bool) -> None:
        """Queue the run; with `wait`, return once it is stored, or raise `StoreUnreachable`."""
        if not wait:
            await self._queue.put((run, None))
            return
        stored = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._queue.put((run, stored))
                self._urgent.set()
                await stored
        except TimeoutError:
            raise StoreUnreachable(f"the run was not stored within {LONGEST_WAIT:g} s") from None

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            if batch[0][1] is None and not self._closing:
                # Nobody waits for this run: let others join it, a row in a batch costs a tenth.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LINGER):
                        await self._urgent.wait()
            self._urgent.clear()
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._write(batch)
            except Exception as error:
                # Whatever it was, the next batch is wanted.
                log.exception("%d runs could not be recorded", len(batch))
                for _, stored in batch:
                    if stored and not stored.done():
                        stored.set_exception(error)
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _write(self, batch: list[_Item]) -> None:
        """Store a batch; while the database is away, try again for as long as there is time."""
        tries = LAST_TRIES
        while True:
            try:
                lost = await self._store.run(_store, [run for run, _ in batch])
                break
            except StoreUnreachable as error:
                tries -= self._closing
                if tries == 0:
                    log.error("%d runs could not be recorded: %s", len(batch), error)
                    return
                await asyncio.sleep(RETRY_AFTER)
        for run, stored in batch:
            if stored and not stored.done():
                _settle(stored, lost.get(run.row["id"]))
        await self._compare([run for run, _ in batch])

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


def _settle(stored: asyncio.Future[None], error: Exception | None) -> None:
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)


def _store(runs: list[FinishedRun]) -> dict[str, Exception]:
    """Store the runs; return the error of each, by id, that can never be stored."""
    try:
        rows = [run.redacted() for run in runs]
        with transaction.atomic():
            # Over what stands there: how a run began, or the same from a try that seemed to fail.
            Run.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["id"], update_fields=_ENDED
            )
            for run in runs:
                if run.also:
                    run.also()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(runs) > 1:
            # One spoils the batch: find it, and keep the others.
            return {id_: lost for run in runs for id_, lost in _store([run]).items()}
        log.exception("Run %s cannot be recorded", runs[0].row["id"])
        return {runs[0].row["id"]: error}
    return {}
