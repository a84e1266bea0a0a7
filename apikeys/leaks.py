"""A key that somebody else has found: whoever holds its secret may end it.

That it works is the proof that it leaked, so nothing else is asked of who reports it, and nothing
is told: an answer that differed would tell a thief which of many keys still work.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from apikeys import tokens
from apikeys.digest import matches
from apikeys.models import Key, KeyEvent


def holder_of(text: str) -> Key | None:
    """The key that this is the secret of, whatever its state; None for anything else."""
    try:
        claim = tokens.read(text, settings.JWT_KEYS)
    except tokens.Malformed:
        return None
    key = Key.objects.filter(public_id=claim.public_id, kind=claim.kind).first()
    if key is None or not matches(settings.PEPPERS, key.pepper, bytes(key.digest), claim):
        return None
    return key


def revoke(texts: Iterable[str], address: str = "") -> list[Key]:
    """End the keys of these secrets, and have their owners mailed. Returns those it ended."""
    ended = []
    for text in texts:
        key = holder_of(text)
        if key is None or not key.works:
            continue
        with transaction.atomic():
            if key.revoke(None, address):
                key.record(KeyEvent.Kind.LEAKED, None, address)
                ended.append(key)
    return ended
