"""Load the `KeyRecord` of a public id: one query, and the only one that verification makes."""

import ipaddress

from django.db.models import Exists

from apikeys.models import Key, Policy
from apikeys.verify import KeyRecord

_POLICY_FORBIDS_QUERY = Exists(Policy.objects.filter(pk=1, query_allowed=False))


def load(public_id: str) -> KeyRecord | None:
    row = (
        Key.objects.select_related("owner")
        .filter(public_id=public_id)
        .annotate(query_forbidden=_POLICY_FORBIDS_QUERY)
        .first()
    )
    if row is None:
        return None
    return KeyRecord(
        key_id=row.pk,
        public_id=row.public_id,
        kind=row.kind,
        digest=bytes(row.digest),
        pepper=row.pepper,
        owner_id=row.owner_id,
        owner_active=row.owner.is_active,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        grace_ends_at=row.grace_ends_at,
        can_read=row.can_read,
        can_write=row.can_write,
        pipes=None if row.pipes is None else frozenset(row.pipes),
        networks=None if row.networks is None else tuple(map(ipaddress.ip_network, row.networks)),
        query_allowed=row.query_allowed and not row.query_forbidden,  # type: ignore[attr-defined]
        calls_per_minute=row.calls_per_minute,
    )
