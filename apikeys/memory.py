"""What a worker remembers of the database, so that a warm call asks it nothing.

`Memory` loads on a miss, once however many callers wait, and forgets an owner's entries when
`apikeys.watch` says that something of this owner changed. Unknown names are not remembered: they
would let anybody fill it.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import TTLCache

from apikeys.store import Store

T = TypeVar("T")

OLDEST = 60.0  # seconds after which an entry is loaded again, whether or not a change was seen


class Memory(Generic[T]):
    """`load(name)` returns the value or None; `owners_of(value)` whose changes make it stale."""

    def __init__(
        self,
        store: Store,
        load: Callable[[str], T | None],
        owners_of: Callable[[T], frozenset[int]],
        size: int,
    ) -> None:
        self._store = store
        self._load = load
        self._owners_of = owners_of
        self._entries: TTLCache[str, T] = TTLCache(size, OLDEST)
        self._loading: dict[str, asyncio.Task[T | None]] = {}
        self._changes = 0

    def known(self, name: str) -> T | None:
        return self._entries.get(name)

    async def get(self, name: str) -> T | None:
        """The value, or None where there is no such thing. Raises `StoreUnreachable`."""
        entry = self._entries.get(name)
        if entry is not None:
            return entry
        task = self._loading.get(name)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(name))
            self._loading[name] = task
            task.add_done_callback(lambda _: self._loading.pop(name, None))
        # Shielded: the caller who asked first may hang up, the others still wait.
        return await asyncio.shield(task)

    async def _fetch(self, name: str) -> T | None:
        changes = self._changes
        value = await self._store.run(self._load, name)
        # A change that came while we were reading may be one that we did not read.
        if value is not None and changes == self._changes:
            self._entries[name] = value
        return value

    def forget(self, owners: set[int | None]) -> None:
        """Drop the entries of these owners; None among them drops all."""
        self._changes += 1
        if None in owners:
            self._entries.clear()
            return
        for name, value in list(self._entries.items()):
            if not owners.isdisjoint(self._owners_of(value)):
                self._entries.pop(name, None)
