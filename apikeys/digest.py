"""What is stored of a key's secret: HMAC-SHA-256(pepper, kind | secret).

A fast function on purpose: the secret is 256 random bits, which no dictionary holds and no
hardware enumerates, so a slow hash would only slow us down (OWASP ASVS 5.0, 6.5.2). The pepper
is not in the database, so a stolen table alone lets nobody even test a guess.
"""

import hashlib
import hmac

from apikeys.keyring import Peppers
from apikeys.tokens import Claim


def digest(pepper: bytes, claim: Claim) -> bytes:
    """32 bytes."""
    return hmac.digest(pepper, f"{claim.kind}|{claim.secret}".encode(), hashlib.sha256)


def matches(peppers: Peppers, version: int, stored: bytes, claim: Claim) -> bool:
    """Compare in constant time; one HMAC whatever the outcome, also for a dropped pepper."""
    pepper = peppers.values.get(version)
    fresh = digest(pepper or peppers.values[peppers.current], claim)
    return hmac.compare_digest(fresh, stored) and pepper is not None
