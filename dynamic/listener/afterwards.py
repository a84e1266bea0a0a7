"""The tasks of runs that go on after their callers have been answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 1000  # of a worker
GRACE = 20.0  # seconds that they have when the server stops


class Afterwards:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._records: set[asyncio.Task[Any]] = set()  # of the tasks, those that keep how one ended

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= MOST

    def begin(self, work: Coroutine[Any, Any, T], *, is_record: bool = False) -> asyncio.Task[T]:
        """`is_record` is work that waits for other tasks and keeps how they ended, soon after."""
        task = asyncio.get_running_loop().create_task(work)
        for tasks in (self._tasks, self._records) if is_record else (self._tasks,):
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return task

    async def close(self, grace: float = GRACE) -> None:
        """Let them end; those that take too long are cancelled, and that is recorded."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in self._tasks - self._records:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
