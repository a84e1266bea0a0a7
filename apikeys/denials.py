"""Why callers were denied: noted in memory, written to the audit of the key they named.

The wire says little on purpose; the key's owner finds the reason by the answer's Request-Id. Only
denials of a key that exists are kept: nobody could be told of the others. Whoever knows a public
id (it is no secret) could fill the audit, so beyond `MOST_A_MINUTE` a key's denials are counted
and not listed.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from apikeys.models import Key, KeyEvent, Notice

MOST_A_MINUTE = 30
_MOST_KEPT = 10_000  # while the database is away

COUNTED = "further ones"  # the reason of an event that stands for several


@dataclass(frozen=True, slots=True)
class Denial:
    public_id: str
    reason: str
    request_id: str
    address: str
    pipe_id: str
    at: datetime
    times: int = 1


class Denials:
    """One a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listed: list[Denial] = []
        self._minute = 0
        self._numbers: dict[str, int] = {}  # public id -> denials in this minute

    def note(
        self, public_id: str, reason: str, *, request_id: str, address: str, pipe_id: str = ""
    ) -> None:
        with self._lock:
            self._turn_minute()
            number = self._numbers[public_id] = self._numbers.get(public_id, 0) + 1
            if number <= MOST_A_MINUTE and len(self._listed) < _MOST_KEPT:
                now = datetime.now(UTC)
                self._listed.append(Denial(public_id, reason, request_id, address, pipe_id, now))

    def take(self, *, everything: bool = False) -> list[Denial]:
        with self._lock:
            self._turn_minute(now=everything)
            taken, self._listed = self._listed, []
            return taken

    def give_back(self, denials: list[Denial]) -> None:
        with self._lock:
            self._listed = (denials + self._listed)[:_MOST_KEPT]

    def _turn_minute(self, *, now: bool = False) -> None:
        """When a minute is over, say how many were not listed in it."""
        minute = int(time.monotonic() // 60)
        if minute == self._minute and not now:
            return
        at = datetime.now(UTC)
        self._listed += [
            Denial(public_id, COUNTED, "", "", "", at, number - MOST_A_MINUTE)
            for public_id, number in self._numbers.items()
            if number > MOST_A_MINUTE
        ]
        self._minute, self._numbers = minute, {}


@transaction.atomic
def write(denials: list[Denial]) -> None:
    """All or nothing: who failed to write them gives them back, to be written again."""
    keys = {
        key.public_id: key
        for key in Key.objects.filter(public_id__in={denial.public_id for denial in denials})
    }
    KeyEvent.objects.bulk_create(
        KeyEvent(
            owner_id=key.owner_id,
            key=key,
            public_id=key.public_id,
            kind=KeyEvent.Kind.DENIED,
            at=denial.at,
            address=denial.address or None,
            reason=denial.reason,
            request_id=denial.request_id,
            pipe_id=denial.pipe_id,
            times=denial.times,
        )
        for denial in denials
        if (key := keys.get(denial.public_id))
    )
    for public_id in {denial.public_id for denial in denials if denial.reason == "replaced"}:
        if public_id in keys:
            keys[public_id].notices.get_or_create(kind=Notice.Kind.USED_AFTER_GRACE)
