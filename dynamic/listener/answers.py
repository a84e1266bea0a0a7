"""Answers to reads as a worker keeps them, to be given again (`listener/cache.py`).

Bounded in bytes, the longest unused go first. Forgotten, like all that a worker remembers, when
something of their owner's changes: a count of these changes is part of every key, so what was
asked for before a change is never found after it, also where its run ends later.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cachetools import TLRUCache

from dynamic.listener.answer import Answer

MOST = 64 * 1024 * 1024  # bytes, of a worker
LARGEST = 1024 * 1024  # bytes of an answer's body
_BESIDE = 2048  # bytes that an entry takes beside its texts, about

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class CacheRules:
    """How a pipe keeps its answers."""

    seconds: int
    headers: tuple[str, ...]  # of the request, in lower case: each value has its own answer
    shared: bool  # by all callers; else each key has its own


@dataclass(frozen=True, slots=True)
class Kept:
    answer: Answer
    made_at: float  # on the clock of `Answers`
    seconds: int


class Answers:
    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: TLRUCache[Key, Kept, float] = TLRUCache(most, _end, clock, getsizeof=_size)
        self._changes: dict[int | None, int] = {}
        self.under_way: dict[Key, asyncio.Future[Kept | None]] = {}

    def forget(self, owners: set[int | None]) -> None:
        """Those of these owners; None among them stands for all."""
        for owner in owners:
            self._changes[owner] = self._changes.get(owner, 0) + 1

    def generation(self, owner: int) -> Key:
        """Part of the key of an answer: another one after each change."""
        return self._changes.get(owner, 0), self._changes.get(None, 0)

    def get(self, key: Key) -> Answer | None:
        kept = self._kept.get(key)
        return self.again(kept) if kept else None

    def again(self, kept: Kept) -> Answer:
        """The answer for one more caller; RFC 9111 section 5.1 has `Age` in whole seconds."""
        age = str(int(self._clock() - kept.made_at))
        return replace(kept.answer, headers={**kept.answer.headers, "Age": age})

    def keep(self, key: Key, answer: Answer, seconds: int) -> Kept:
        """Copy the answer, for others who wait for it, and, unless it is too large, for later."""
        copy = replace(answer, headers={**answer.headers}, value=None)
        kept = Kept(copy, self._clock(), seconds)
        if len(copy.body) <= LARGEST:
            self._kept[key] = kept
        return kept


def _end(_: Key, kept: Kept, now: float) -> float:
    return now + kept.seconds


def _size(kept: Kept) -> int:
    headers = sum(len(name) + len(value) for name, value in kept.answer.headers.items())
    return len(kept.answer.body) + headers + _BESIDE
