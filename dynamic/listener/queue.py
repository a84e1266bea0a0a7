"""Takes queued runs and has them run, in each server process: oldest first, so many at once.

Which process runs one is decided in the database (`dynamic.runs.queued`). A process looks at once
when it has accepted a call or ended a run, else each second, and not while it could take nothing.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from typing import TYPE_CHECKING

from apikeys.rounds import Rounds
from apikeys.store import StoreUnreachable
from dynamic.listener.queued_run import QueuedRun
from dynamic.runs.queued import Waiting, oldest, to_be_cancelled

if TYPE_CHECKING:  # it holds the queue
    from dynamic.listener.runtime import Runtime

AT_ONCE = 16  # of this process
OF_ONE_OWNER = 8  # of these
LOOK_EVERY = 1.0  # seconds
LONGEST_REST = 1.0  # seconds, of a pipe that has no place: calls that are waited for may hold them
AFTER_FAILURE = 5.0  # seconds

log = logging.getLogger(__name__)


class Queue:
    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._taken: dict[str, QueuedRun] = {}
        self._resting: dict[str, float] = {}  # pipes that cannot run one more now: until when
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._cancelling = Rounds(LOOK_EVERY, self._cancel, "Runs that were cancelled go on")

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._take())
        self._cancelling.open()

    async def close(self) -> None:
        """Begin no more. What waits goes on waiting; what runs is left to `Afterwards`."""
        task, self._task = self._task, None
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._cancelling.close()

    def wake(self) -> None:
        self._wake.set()

    @property
    def is_open(self) -> bool:
        return self._task is not None

    async def _take(self) -> None:
        while True:
            pause = LOOK_EVERY
            try:
                await self._fill()
            except StoreUnreachable as error:
                log.warning("Queued runs wait: %s", error)
                pause = AFTER_FAILURE
            except Exception:
                log.exception("Queued runs wait")
                pause = AFTER_FAILURE
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()

    async def _fill(self) -> None:
        """Take as many as may run here. Raises StoreUnreachable."""
        while free := AT_ONCE - len(self._taken):
            owners = Counter(run.waiting.owner_id for run in self._taken.values())
            full = [owner for owner, count in owners.items() if count >= OF_ONE_OWNER]
            found = await self._runtime.promises.run(
                oldest, free, but=list(self._taken), owners=full, pipes=self._pipes_at_rest()
            )
            if not found:
                return
            for waiting in found:
                if owners[waiting.owner_id] < OF_ONE_OWNER:
                    owners[waiting.owner_id] += 1
                    self._begin(waiting)

    def _pipes_at_rest(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        self._resting = {pipe: until for pipe, until in self._resting.items() if until > now}
        return list(self._resting)

    def _begin(self, waiting: Waiting) -> None:
        run = QueuedRun(waiting, self._runtime)
        self._taken[waiting.run_id] = run
        self._runtime.afterwards.begin(self._see_through(run), is_record=True)

    async def _see_through(self, run: QueuedRun) -> None:
        waiting, waits = run.waiting, True
        try:
            waits = not await run.see_through(lambda: self.is_open)
        except StoreUnreachable as error:
            log.warning("Run %s waits: %s", waiting.run_id, error)
        except Exception:
            log.exception("Run %s could not be begun", waiting.run_id)
        finally:
            if waits:
                now = asyncio.get_running_loop().time()
                self._resting[waiting.pipe_id] = now + LONGEST_REST
            else:  # its place, if it had one, is free again
                self._resting.pop(waiting.pipe_id, None)
            del self._taken[waiting.run_id]
            self.wake()

    async def _cancel(self) -> None:
        """End those that somebody wants to be ended."""
        if under_way := [id_ for id_, run in self._taken.items() if run.flow]:
            for run_id in await self._runtime.promises.run(to_be_cancelled, under_way):
                if run := self._taken.get(run_id):
                    run.cancel()
