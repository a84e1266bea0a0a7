"""Bring the digests of keys that are used to the current pepper, one by one, as they are used.

Only a caller holds the secret that a digest is made of, so this is the one moment to do it.
"""

import threading

from django.conf import settings

from apikeys.digest import digest
from apikeys.models import Key
from apikeys.tokens import Claim
from apikeys.verify import KeyRecord

_MOST_KEPT = 10_000


class Rehashes:
    """One a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digests: dict[int, bytes] = {}

    def note(self, record: KeyRecord, claim: Claim) -> None:
        """To be called with a claim that has been verified against this record."""
        peppers = settings.PEPPERS
        if record.pepper == peppers.current or record.key_id in self._digests:
            return
        with self._lock:
            if len(self._digests) < _MOST_KEPT:
                self._digests[record.key_id] = digest(peppers.values[peppers.current], claim)

    def take(self) -> dict[int, bytes]:
        with self._lock:
            taken, self._digests = self._digests, {}
            return taken


def write(digests: dict[int, bytes]) -> None:
    for key_id, fresh in digests.items():
        # A worker that was not restarted yet may hold an older current pepper: never go back.
        Key.objects.filter(pk=key_id, pepper__lt=settings.PEPPERS.current).update(
            digest=fresh, pepper=settings.PEPPERS.current
        )
