"""Change the site's policy on keys: tell first what it would do, then do it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from apikeys.models import Key, KeyEvent, Policy
from apikeys.models.key_queryset import KeyQuerySet


@dataclass(frozen=True)
class Affected:
    """How much of what is there now a policy would touch, in numbers."""

    shortened: int  # live keys that would end sooner
    never: int  # of these: keys that never expire
    people: int  # people with as many live keys as allowed or more: they can make no new one
    in_query: int  # live keys last seen in the query string, where they would be refused


def affected(policy: Policy) -> Affected:
    """What `apply` would do; touches nothing."""
    too_long = _too_long(policy)
    people = (
        Key.objects.counted()
        .values("owner")
        .annotate(number=Count("pk"))
        .filter(number__gte=policy.most_keys)
    )
    in_query = Key.objects.live().filter(query_allowed=True, use__place="query")
    return Affected(
        shortened=too_long.count(),
        never=too_long.filter(expires_at=None).count(),
        people=people.order_by().count(),
        in_query=0 if policy.query_allowed else in_query.count(),
    )


def apply(policy: Policy, actor: User | None, address: str = "") -> None:
    """Make this the policy, and shorten the live keys that it gives less time."""
    with transaction.atomic():
        before = Policy.current()
        policy.pk = 1
        policy.save()
        ends = timezone.now().replace(microsecond=0) + timedelta(days=policy.longest_days)
        for key in _too_long(policy).select_for_update(of=("self",)):
            key.change(actor, address, expires_at=ends)
        changed = {
            field.name: [getattr(before, field.name), getattr(policy, field.name)]
            for field in policy._meta.concrete_fields
            if getattr(before, field.name) != getattr(policy, field.name)
        }
        if changed:
            KeyEvent.objects.create(
                kind=KeyEvent.Kind.POLICY_CHANGED,
                actor=actor,
                address=address or None,
                detail=changed,
            )


def _too_long(policy: Policy) -> KeyQuerySet:
    too_long = Q(expires_at__gt=timezone.now() + timedelta(days=policy.longest_days))
    if not policy.never_allowed:
        too_long |= Q(expires_at=None)
    return Key.objects.live().filter(too_long)
