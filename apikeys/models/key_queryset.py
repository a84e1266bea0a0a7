"""Sets of keys: those that work, those in a state; making one, ending many."""

from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from apikeys import tokens
from apikeys.models.event import KeyEvent
from apikeys.models.policy import Policy

if TYPE_CHECKING:
    from apikeys.models.key import Key


class KeyQuerySet(models.QuerySet["Key"]):
    def live(self) -> "KeyQuerySet":
        """Those that work now, replaced ones in their grace among them."""
        now = timezone.now()
        return (
            self.filter(revoked_at=None)
            .exclude(expires_at__lte=now)
            .exclude(grace_ends_at__lte=now)
        )

    def in_state(self, state: str) -> "KeyQuerySet":
        """Those whose `Key.state` is so."""
        now, keys = timezone.now(), self
        if state == "revoked":
            return keys.exclude(revoked_at=None)
        keys = keys.filter(revoked_at=None)
        if state == "retired":
            return keys.filter(grace_ends_at__lte=now)
        keys = keys.exclude(grace_ends_at__lte=now)
        if state == "expired":
            return keys.filter(expires_at__lte=now)
        return keys.exclude(expires_at__lte=now).filter(grace_ends_at__isnull=state == "live")

    def counted(self) -> "KeyQuerySet":
        """Those that count against `Policy.most_keys`."""
        return self.live().filter(successor=None)

    def issue(
        self,
        owner: User,
        name: str,
        kind: tokens.Kind,
        days: int,
        *,
        actor: User | None = None,
        address: str = "",
        public_id: str = "",
        **grants: Any,
    ) -> tuple["Key", str]:
        """Make a key; return its row and its secret text, which exists nowhere else from here on.

        `days` is 0 (never expires) to 3650; `actor` is None for an operator's command. Raises
        `PolicyRefused`, and IntegrityError where a key has this `public_id`; without one a new
        one is chosen.
        """
        key = self.model(owner=owner, name=name, kind=kind, public_id=public_id, **grants)
        with transaction.atomic():
            # Locked, so that two requests at once cannot both make the last key allowed.
            User.objects.select_for_update().get(pk=owner.pk)
            policy = Policy.current()
            policy.check_count(self.counted().filter(owner=owner).count())
            text = key._begin(policy, days)
            key.record(KeyEvent.Kind.CREATED, actor, address)
        return key, text

    def revoke(self, actor: User | None, address: str = "") -> int:
        """End these keys, for good. Returns how many had not been revoked before."""
        with transaction.atomic():
            keys = list(self.filter(revoked_at=None).select_for_update(of=("self",)))
            self.model.objects.filter(pk__in=[key.pk for key in keys]).update(
                revoked_at=timezone.now()
            )
            KeyEvent.objects.bulk_create(
                key._event(KeyEvent.Kind.REVOKED, actor, address) for key in keys
            )
        return len(keys)
