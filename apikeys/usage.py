"""When a key was last used: noted in memory on each call, written at most once a minute a key."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from apikeys.models import Key, KeyUse
from apikeys.verify import Caller

AT_MOST_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Use:
    key_id: int
    at: datetime
    address: str
    place: str


class Usage:
    """One a worker. `note` costs a dictionary; `take` hands what is due to `write`."""

    def __init__(self) -> None:
        self._written: dict[int, float] = {}
        self._due: dict[int, Use] = {}

    def note(self, caller: Caller) -> None:
        key_id, now = caller.record.key_id, time.monotonic()
        if now - self._written.get(key_id, float("-inf")) >= AT_MOST_EVERY:
            self._written[key_id] = now
            self._due[key_id] = Use(key_id, datetime.now(UTC), caller.address, caller.place)

    def take(self) -> list[Use]:
        due, self._due = list(self._due.values()), {}
        if len(self._written) > 10_000:
            old = time.monotonic() - AT_MOST_EVERY
            self._written = {key: at for key, at in self._written.items() if at > old}
        return due


def write(uses: list[Use]) -> None:
    """Write what no other worker has written within the last minute."""
    with transaction.atomic():
        for use in uses:
            values = {
                "last_used_at": use.at,
                "address": use.address or None,
                "place": use.place,
            }
            recent = use.at - timedelta(seconds=AT_MOST_EVERY)
            known = KeyUse.objects.filter(key_id=use.key_id)
            if known.filter(last_used_at__lt=recent).update(**values) or known.exists():
                continue
            # The key may have been deleted since the call.
            if Key.objects.filter(pk=use.key_id).exists():
                KeyUse.objects.get_or_create(key_id=use.key_id, defaults=values)
