"""Presented credential -> `Caller`, or the reason why not.

    Denied                 what the caller is told (status, error, detail) and, apart from it,
    │                      the reason that only the key's owner and operators may see
    ├── no credential      401, challenge without error            RFC 6750 section 3
    ├── malformed, unknown, wrong secret
    │                      401 invalid_token, always the same words
    ├── expired, revoked, replaced and out of grace, owner inactive
    │                      401 invalid_token, said only to who proved to hold the secret
    └── not granted        403 insufficient_scope

The steps are separate, as their callers differ in how they wait: `claim_of` reads the
credential, the caller fetches the `KeyRecord` of its public id, `caller_of` compares the two.
"""

import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apikeys import tokens
from apikeys.digest import matches
from apikeys.keyring import Peppers, SigningKeys
from apikeys.presented import Place, Presented

CHALLENGE = 'Bearer realm="integrator"'  # of WWW-Authenticate, RFC 6750 section 3
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NETWORK = ipaddress.IPv4Network | ipaddress.IPv6Network


class Denied(Exception):
    def __init__(self, reason: str, *, status: int, error: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.error = error  # RFC 6750 section 3.1; empty where there was no credential
        self.detail = detail


def no_credential() -> Denied:
    return Denied(
        "no credential",
        status=401,
        error="",
        detail="Send an access token or a JWT, best as Authorization: Bearer.",
    )


def _not_known(reason: str) -> Denied:
    return Denied(
        reason, status=401, error="invalid_token", detail="The access token or JWT is not valid."
    )


def _ended(reason: str, detail: str) -> Denied:
    return Denied(reason, status=401, error="invalid_token", detail=detail)


def _not_granted(reason: str, detail: str) -> Denied:
    return Denied(reason, status=403, error="insufficient_scope", detail=detail)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key's row, as the workers keep it in memory. Immutable; made by `apikeys.records`."""

    key_id: int
    public_id: str
    kind: str
    digest: bytes = field(repr=False)
    pepper: int
    owner_id: int
    owner_active: bool
    expires_at: datetime | None
    revoked_at: datetime | None
    grace_ends_at: datetime | None  # of a key that was replaced
    can_read: bool
    can_write: bool
    pipes: frozenset[str] | None
    networks: tuple[_NETWORK, ...] | None
    query_allowed: bool  # by the key and by the site's policy
    calls_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a key that proved itself, and where its credential stood."""

    record: KeyRecord
    place: Place
    address: str

    @property
    def owner_id(self) -> int:
        return self.record.owner_id

    def require_pipe(self, pipe_id: str) -> None:
        """Raise `Denied` (403) where this key is not granted the pipe."""
        if self.record.pipes is not None and pipe_id not in self.record.pipes:
            raise _not_granted("pipe not granted", "This key may not call this pipe.")

    def require_method(self, method: str) -> None:
        """Raise `Denied` (403) where this key is not granted the method."""
        allowed = self.record.can_read if method in SAFE_METHODS else self.record.can_write
        if not allowed:
            raise _not_granted("method not granted", f"This key may not call with {method}.")


def claim_of(presented: Presented, keys: SigningKeys) -> tokens.Claim:
    try:
        return tokens.read(presented.text, keys)
    except tokens.Malformed:
        raise _not_known("malformed") from None


def caller_of(
    claim: tokens.Claim,
    record: KeyRecord | None,
    presented: Presented,
    address: str,
    peppers: Peppers,
    now: datetime,
) -> Caller:
    """Check the claim against its row. A key is valid while `now` is before each of its ends."""
    if record is None:
        # The same work as for a known id, so that time does not tell which ids exist.
        matches(peppers, peppers.current, b"", claim)
        raise _not_known("unknown")
    if not matches(peppers, record.pepper, record.digest, claim) or claim.kind != record.kind:
        raise _not_known("wrong secret")
    require_live(record, now)
    if presented.place == "query" and not record.query_allowed:
        raise _not_granted("query", "This key is not taken from the query string.")
    require_network(record, address)
    return Caller(record, presented.place, address)


def require_live(record: KeyRecord, now: datetime) -> None:
    """Raise `Denied` (401) where the key has ended, whoever holds it."""
    if record.revoked_at is not None:
        raise _ended("revoked", "This key has been revoked.")
    if record.expires_at is not None and now >= record.expires_at:
        raise _ended("expired", f"This key expired on {_minute(record.expires_at)}.")
    if record.grace_ends_at is not None and now >= record.grace_ends_at:
        raise _ended(
            "replaced", f"This key was replaced; it worked until {_minute(record.grace_ends_at)}."
        )
    if not record.owner_active:
        raise _ended("owner inactive", "The account of this key is not active.")


def require_network(record: KeyRecord, address: str) -> None:
    """Raise `Denied` (403) where this key may not call from there."""
    if record.networks is not None and not _within(address, record.networks):
        raise _not_granted("network", "This key may not call from this address.")


def _minute(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _within(address: str, networks: tuple[_NETWORK, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks if network.version == ip.version)
