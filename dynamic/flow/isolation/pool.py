"""The helpers of this process: made when they are needed, ended by what they evaluate, replaced.

An expression that ended one is not tried again with the same data for a minute. With other data it
is: one caller's large order must not stop another's small one.
"""

import atexit
import os
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from dynamic.flow.isolation import wire
from dynamic.flow.isolation.limits import MEMORY, SECONDS

MOST = 4  # at once; whoever comes next waits
LONGEST = 10.0  # seconds to wait for an answer, where the machine has no time for a helper
REST = 60.0  # seconds that a question rests which has ended a helper
_MOST_RESTING = 1000

_ROOT = Path(__file__).resolve().parents[3]


class HelperEnded(Exception):
    """What it was asked took what it must not. `str(error)` says what: the end of a sentence."""


class Helper:
    """One process, for one evaluation at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dynamic.flow.isolation.helper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of our own environment: there may be secrets in it.
            env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: bytes) -> dict[str, Any]:
        """Give the answer. Raises HelperEnded, and then this helper is of no more use."""
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise AssertionError("both are pipes")
        answer = None
        with suppress(BrokenPipeError):
            wire.write(into, question)
            is_ready, _, _ = select.select([out], [], [], LONGEST)
            answer = wire.read(out) if is_ready else None
        if answer is None:
            raise HelperEnded(self._end())
        told: dict[str, Any] = orjson.loads(answer)
        return told

    def _end(self) -> str:
        self.close()
        if self._process.returncode in (-signal.SIGPROF, -signal.SIGKILL):
            return f"takes more than {SECONDS * 1000:.0f} ms of processor time. Make it simpler"
        return f"needs more than {MEMORY // 2**20} MiB of memory. Give it less data"

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Pool:
    """Helpers for any number of threads."""

    def __init__(self) -> None:
        self._idle: list[Helper] = []
        self._room = threading.BoundedSemaphore(MOST)
        self._resting: dict[int, float] = {}  # by the question's hash
        self._begun = False

    def ask(self, question: list[Any]) -> dict[str, Any]:
        """Give a helper's answer. Raises HelperEnded, and JSONEncodeError of what is no JSON."""
        asked = orjson.dumps(question)
        number = hash(asked)
        if self._resting.get(number, 0.0) > time.monotonic():
            raise HelperEnded("took too much just now, and is tried again in a minute")
        with self._room:
            helper = self._take()
            try:
                answer = helper.ask(asked)
            except HelperEnded:
                self._rest(number)
                raise
            except BaseException:
                helper.close()  # nobody knows what it is at
                raise
            self._idle.append(helper)
        return answer

    def make_ready(self) -> None:
        """Begin a helper where there is none yet: it takes a tenth of a second to start."""
        if not self._begun:
            self._begun = True
            self._idle.append(Helper())

    def _take(self) -> Helper:
        while self._idle:
            with suppress(IndexError):  # another thread was quicker
                helper = self._idle.pop()
                if helper.is_alive:
                    return helper
                helper.close()
        return Helper()

    def _rest(self, number: int) -> None:
        if len(self._resting) >= _MOST_RESTING:
            self._resting.clear()
        self._resting[number] = time.monotonic() + REST

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def forget(self) -> None:
        """In a forked process: the helpers are its parent's."""
        self.__init__()  # type: ignore[misc]


POOL = Pool()
WAITING = ThreadPoolExecutor(MOST, "expressions")  # threads to wait on, for who must not

atexit.register(POOL.close)
os.register_at_fork(after_in_child=POOL.forget)
