"""The clock of the evaluation that a thread is in, for what the engine calls deep inside."""

import threading
import time

from jsonata.jexception import JException

from dynamic.flow.engines.seam import Bounds


class Clock:
    """Starts when it is made, so it serves one evaluation.

    It counts the processor time of its thread. The engine is slow enough for the machine to take
    longer than the bound with something else in between; asked is the wall clock, though, until it
    says that the time may be over, for it costs a tenth.
    """

    __slots__ = ("_ends", "_may_end", "bounds")

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._ends = time.thread_time() + bounds.milliseconds / 1000
        self._may_end = time.monotonic() + bounds.milliseconds / 1000

    def check(self) -> None:
        if time.monotonic() > self._may_end and time.thread_time() > self._ends:
            raise JException("D1012", -1, self.bounds.milliseconds)

    def left(self) -> float:
        """The seconds that are left, more than none. Raises JException where none are."""
        self.check()
        return max(self._ends - time.thread_time(), 0.001)


class _Running(threading.local):
    clock: Clock


RUNNING = _Running()


def stop(sentence: str) -> JException:
    """An error of the engine's own kind with our words: it lets no other kind through."""
    return JException("D3137", -1, sentence)
