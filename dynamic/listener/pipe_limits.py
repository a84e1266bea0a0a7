"""How many runs of a pipe there may be at once in this process, and the short queue before them.

As many calls may wait for a place as there are places, a second at most: whoever would wait longer
is told so while asking again still helps, and a pipe that hangs does not fill the worker.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from dynamic.listener.answer import Refusal

LONGEST_WAIT = 1.0  # seconds, before the run and so before its deadline begins


class Busy(Refusal):
    """No place got free in time: nothing of the run was done."""

    def __init__(self) -> None:
        detail = "As many runs of this pipe as may be at once are under way; try again."
        super().__init__(503, "pipe_busy", detail, {"Retry-After": "1"})


@dataclass(slots=True)
class _Line:
    most: int
    taken: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Place:
    """One of a pipe's places. Left at the end of a `with`, or with the task that keeps it."""

    def __init__(self, places: "Places", pipe_id: str) -> None:
        self._places = places
        self._pipe_id = pipe_id
        self._kept = False

    def keep_until_end_of(self, task: asyncio.Task[Any]) -> None:
        self._kept = True
        task.add_done_callback(lambda _: self._places.leave(self._pipe_id))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._kept:
            self._places.leave(self._pipe_id)


class Places:
    """Those of one process, by pipe; a pipe of which nothing runs costs nothing."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    async def take(self, pipe_id: str, most: int) -> Place:
        """One of `most` places of this pipe, for a `with`. Raises `Busy` where none gets free."""
        line = self._lines.setdefault(pipe_id, _Line(most))
        line.most = most  # its owner may have changed it since
        if line.taken < most and not line.waiting:
            line.taken += 1
        elif len(line.waiting) >= most:
            raise Busy
        else:
            await self._wait(pipe_id, line)
        return Place(self, pipe_id)

    def take_free(self, pipe_id: str, most: int) -> Place | None:
        """One of them where one is free and nobody waits for it; else None."""
        line = self._lines.get(pipe_id)
        if line is not None and (line.taken >= most or line.waiting):
            return None
        self._lines.setdefault(pipe_id, _Line(most)).taken += 1
        return Place(self, pipe_id)

    async def _wait(self, pipe_id: str, line: _Line) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            await asyncio.wait((turn,), timeout=LONGEST_WAIT)
        except asyncio.CancelledError:
            if turn.done():
                self.leave(pipe_id)
            else:
                line.waiting.remove(turn)
            raise
        if not turn.done():
            line.waiting.remove(turn)
            raise Busy

    def leave(self, pipe_id: str) -> None:
        """Give a place back, and let in who has waited longest."""
        line = self._lines[pipe_id]
        line.taken -= 1
        while line.waiting and line.taken < line.most:
            line.taken += 1
            line.waiting.popleft().set_result(None)
        if not line.taken:
            del self._lines[pipe_id]
