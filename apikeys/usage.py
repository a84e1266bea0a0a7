"""When, from where and for what a key was used: noted in memory, written once a minute a key."""

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from apikeys.models import Key, KeyEvent, KeyUse
from apikeys.models.use import MOST_ADDRESSES
from apikeys.verify import SAFE_METHODS, Caller

AT_MOST_EVERY = 60.0  # seconds between two writes of a key's row, by all workers together
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Use:
    """What one worker saw of one key since it last wrote of it."""

    public_id: str
    at: datetime
    place: str
    address: str
    count: int = 0
    addresses: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # newest last
    pipes: dict[str, datetime] = field(default_factory=dict)
    read_at: datetime | None = None
    write_at: datetime | None = None

    def add(self, caller: Caller, method: str, pipe_id: str, now: datetime) -> None:
        self.at, self.place, self.address = now, caller.place, caller.address
        self.count += 1
        self.addresses.pop(caller.address, None)
        self.addresses[caller.address] = (caller.place, now)
        if len(self.addresses) > MOST_ADDRESSES:
            del self.addresses[next(iter(self.addresses))]
        if pipe_id:
            self.pipes[pipe_id] = now
        if method in SAFE_METHODS:
            self.read_at = now
        else:
            self.write_at = now


class Usage:
    """One a process. `note` costs a few dictionary entries; `take` hands what is due to `write`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[str, Use] = {}
        self._due: dict[str, float] = {}  # public id -> monotonic time of its next write

    def note(self, caller: Caller, method: str, pipe_id: str = "") -> None:
        public_id, now = caller.record.public_id, datetime.now(UTC)
        with self._lock:
            use = self._uses.get(public_id)
            if use is None:
                use = self._uses[public_id] = Use(public_id, now, caller.place, caller.address)
            use.add(caller, method, pipe_id, now)

    def take(self, *, everything: bool = False) -> list[Use]:
        """The uses to be written now; what is not written is to be given back."""
        now = time.monotonic()
        with self._lock:
            taken = [
                public_id
                for public_id in self._uses
                if everything or self._due.get(public_id, now) <= now
            ]
            for public_id in taken:
                # Not all at once after a minute, and not the same worker first each time.
                self._due[public_id] = now + AT_MOST_EVERY + random.uniform(0, 10)  # noqa: S311
            if len(self._due) > _MOST_REMEMBERED:
                self._due = {key: at for key, at in self._due.items() if at > now}
            return [self._uses.pop(public_id) for public_id in taken]

    def give_back(self, use: Use, seconds: float = 1.0) -> None:
        """Keep what could not be written, and hand it out again after so many seconds."""
        with self._lock:
            later = self._uses.get(use.public_id)
            self._uses[use.public_id] = _merged(use, later) if later else use
            self._due[use.public_id] = time.monotonic() + seconds + random.uniform(0, 2)  # noqa: S311


def _merged(earlier: Use, later: Use) -> Use:
    addresses = {**earlier.addresses}
    for address, seen in later.addresses.items():
        addresses.pop(address, None)
        addresses[address] = seen
    return Use(
        public_id=later.public_id,
        at=later.at,
        place=later.place,
        address=later.address,
        count=earlier.count + later.count,
        addresses=dict(list(addresses.items())[-MOST_ADDRESSES:]),
        pipes={**earlier.pipes, **later.pipes},
        read_at=later.read_at or earlier.read_at,
        write_at=later.write_at or earlier.write_at,
    )


def write(uses: list[Use], *, now: datetime, everything: bool = False) -> dict[str, float]:
    """Write these uses, but for those of keys that were written of within the last minute.

    Returns the seconds that each of the latter, by public id, has to wait. With `everything`, as
    at shutdown, there is no later, and all are written.
    """
    waiting: dict[str, float] = {}
    with transaction.atomic():
        # Locked in one order: two workers, each with some of the same keys, do not deadlock.
        keys = Key.objects.filter(public_id__in=[use.public_id for use in uses])
        known = {key.public_id: key for key in keys.order_by("pk").select_for_update()}
        rows = {row.key_id: row for row in KeyUse.objects.filter(key__in=known.values())}
        for use in uses:
            key = known.get(use.public_id)
            if key is None:
                continue  # deleted since the call
            row = rows.get(key.pk)
            if row is None:
                key.record(KeyEvent.Kind.FIRST_USED, None, use.address)
                row = KeyUse(key=key)
            elif not everything and (age := now - row.noted_at) < timedelta(seconds=AT_MOST_EVERY):
                waiting[use.public_id] = AT_MOST_EVERY - age.total_seconds()
                continue
            _fill(row, use, now)
            row.save()
    return waiting


def _fill(row: KeyUse, use: Use, now: datetime) -> None:
    if row.last_used_at is None or use.at >= row.last_used_at:
        row.last_used_at, row.address, row.place = use.at, use.address or None, use.place
    row.count += use.count
    row.noted_at = now
    seen = [
        {"address": address, "place": place, "at": at.isoformat()}
        for address, (place, at) in use.addresses.items()
    ]
    row.addresses = _newest([*row.addresses, *seen])
    row.pipes = row.pipes | {pipe: at.isoformat() for pipe, at in use.pipes.items()}
    row.read_at = use.read_at or row.read_at
    row.write_at = use.write_at or row.write_at


def _newest(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last five addresses, newest first, each once."""
    latest: dict[str, dict[str, Any]] = {}
    for item in sorted(seen, key=lambda item: datetime.fromisoformat(item["at"]), reverse=True):
        latest.setdefault(item["address"], item)
    return list(latest.values())[:MOST_ADDRESSES]
