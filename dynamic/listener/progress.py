"""Runs that take long are stored while they go on, so that their steps can be watched.

A run pays for being in a dictionary. One task looks through all that are under way, and hands those
that are due to the recorder: a write after a second, a read, of which nothing is stored before its
end else, after two; then again at distances that grow with the run and with what storing it took,
so that this stays within a few per cent of the run.
"""

import asyncio
import math
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from apikeys.rounds import Rounds
from dynamic.flow.exchange import Entry
from dynamic.flow.snapshots import snapshot
from dynamic.runs.counts import COUNTS
from dynamic.runs.recorder import PAUSE, Recorder
from dynamic.runs.storing import FinishedRun

LOOK_EVERY = 0.5  # seconds, as all below
WRITE_AFTER = 1.0
READ_AFTER = 2.0
NEAREST = 1.0  # that two of a run are from each other
FARTHEST = 15.0  # unless it costs much
_OF_THE_RUN = 0.1  # of its time so far
_TIMES_THE_COST = 20.0


class LongRun(Protocol):
    """A run, as far as it is to be watched."""

    id: str
    began: float  # by time.perf_counter
    trace: list[Entry]

    @property
    def is_read(self) -> bool: ...

    def so_far(self, trace: list[Any]) -> FinishedRun:
        """Its record with these steps."""


@dataclass(slots=True)
class _Watched:
    run: LongRun
    due: float  # by time.perf_counter; infinite while one is being stored
    told: list[Any] | None = field(default=None)


class Progress:
    """Those of one process."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._under_way: dict[str, _Watched] = {}
        self._rounds = Rounds(LOOK_EVERY, self._look, "Long runs are not stored as they stand")

    def open(self) -> None:
        self._rounds.open()

    async def close(self) -> None:
        await self._rounds.close()

    def begin(self, run: LongRun) -> None:
        COUNTS.runs_under_way += 1
        due = run.began + (READ_AFTER if run.is_read else WRITE_AFTER)
        self._under_way[run.id] = _Watched(run, due)

    def end(self, run: LongRun) -> None:
        """Nothing of it is handed over any more; what was stands in the queue before its end."""
        COUNTS.runs_under_way -= 1
        del self._under_way[run.id]

    async def _look(self) -> None:
        now = time.perf_counter()
        due = [id_ for id_, watched in self._under_way.items() if watched.due <= now]
        for id_ in due:
            if watched := self._under_way.get(id_):
                self._note(watched, now)
            await asyncio.sleep(0)  # a copy may take a millisecond, and calls are to go on

    def _note(self, watched: _Watched, now: float) -> None:
        trace = snapshot(watched.run.trace)
        watched.due = now + _distance(watched.run, now)
        if trace == watched.told:
            return
        stored = self._recorder.note(watched.run.so_far(trace))
        if stored is not None:
            watched.told = trace
            watched.due = math.inf
            stored.add_done_callback(partial(_stored, watched, now))


def _stored(watched: _Watched, noted: float, stored: asyncio.Future[None]) -> None:
    if not stored.cancelled():
        stored.exception()  # the recorder has told of it
    now = time.perf_counter()
    watched.due = now + max(_distance(watched.run, now), _TIMES_THE_COST * (now - noted - PAUSE))


def _distance(run: LongRun, now: float) -> float:
    return min(max(NEAREST, _OF_THE_RUN * (now - run.began)), FARTHEST)
