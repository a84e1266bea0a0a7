"""Keys: the row behind an access token or a JWT, from issue to end."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from apikeys import tokens
from apikeys.digest import digest
from apikeys.models.event import KeyEvent, detail_of
from apikeys.models.key_queryset import KeyQuerySet
from apikeys.models.policy import LONGEST_DAYS, Policy

LONGEST_GRACE = 168  # hours


class RotationRefused(ValueError):
    """This key cannot be replaced; the message says why, and what to do."""


class Key(models.Model):
    """One key. Made by `Key.objects.issue`, ended by `revoke`; its secret is stored as a digest.

    `rotate` makes a second row with a new secret, the successor; this one then works until
    `grace_ends_at`.
    """

    class Kind(models.TextChoices):
        ACCESS_TOKEN = "access_token", "Access token"
        JWT = "jwt", "JWT"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="keys"
    )
    name = models.CharField("token name", max_length=100)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ACCESS_TOKEN)
    public_id = models.CharField(max_length=tokens.PUBLIC_ID_LENGTH, unique=True, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)
    pepper = models.PositiveSmallIntegerField(editable=False)
    kid = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # One to one: however often a rotation is repeated, a key has one successor.
    predecessor = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, related_name="successor", editable=False
    )
    grace_ends_at = models.DateTimeField(null=True, editable=False)

    # Grants. What is not granted is not allowed.
    can_read = models.BooleanField("may read (GET, HEAD)", default=True)
    can_write = models.BooleanField("may write (other methods)", default=True)
    pipes = models.JSONField(
        default=None,
        null=True,
        blank=True,
        help_text="Ids of the pipes this key may call; null for all of its owner's.",
    )
    networks = models.JSONField(
        default=None,
        null=True,
        blank=True,
        help_text='Networks it may call from, such as ["10.0.0.0/8"]; null for anywhere.',
    )
    query_allowed = models.BooleanField("may stand in the query string", default=True)
    calls_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most calls a minute; null for no limit."
    )

    GRANTS = ("can_read", "can_write", "pipes", "networks", "query_allowed", "calls_per_minute")

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def prefix(self) -> str:
        """Enough to recognise the key by; of no use to anyone else."""
        return f"{tokens.PREFIX}{self.public_id}" if self.kind == "access_token" else self.public_id

    @property
    def state(self) -> str:
        """live, replaced (and in its grace), retired (its grace is over), expired or revoked."""
        now = timezone.now()
        if self.revoked_at:
            return "revoked"
        if self.grace_ends_at and self.grace_ends_at <= now:
            return "retired"
        if self.expires_at and self.expires_at <= now:
            return "expired"
        return "replaced" if self.grace_ends_at else "live"

    @property
    def works(self) -> bool:
        return self.state in {"live", "replaced"}

    @property
    def ends_at(self) -> datetime | None:
        """When it stops by itself: None for never."""
        ends = [end for end in (self.expires_at, self.grace_ends_at) if end]
        return min(ends, default=None)

    @property
    def days(self) -> int:
        """The lifetime it was made with; 0 for never."""
        return (self.expires_at - self.created_at).days if self.expires_at else 0

    def rotate(
        self,
        actor: User | None,
        address: str = "",
        *,
        grace_hours: int,
        days: int | None = None,
    ) -> tuple["Key", str]:
        """Make a successor with the same name and grants; this key works on for `grace_hours`.

        Returns the successor and its secret text. `days` is the successor's lifetime, by default
        as long as this key's was. Raises `RotationRefused` and `PolicyRefused`.
        """
        if not 0 <= grace_hours <= LONGEST_GRACE:
            raise ValueError(f"grace_hours is {grace_hours}; it takes 0 to {LONGEST_GRACE}.")
        with transaction.atomic():
            old = Key.objects.select_for_update(of=("self",)).get(pk=self.pk)
            old._check_rotation()
            successor = Key(
                owner=old.owner,
                name=old.name,
                kind=old.kind,
                predecessor=old,
                **{name: getattr(old, name) for name in Key.GRANTS},
            )
            text = successor._begin(Policy.current(), old.days if days is None else days)
            old.grace_ends_at = timezone.now() + timedelta(hours=grace_hours)
            old.save(update_fields=["grace_ends_at"])
            old.record(
                KeyEvent.Kind.ROTATED, actor, address, detail={"grace_hours": [None, grace_hours]}
            )
            successor.record(KeyEvent.Kind.CREATED, actor, address)
        self.grace_ends_at = old.grace_ends_at
        return successor, text

    def change(self, actor: User | None, address: str = "", **values: Any) -> bool:
        """Set name, grants or expiry; False where they are so already."""
        changed = {
            name: [getattr(self, name), value]
            for name, value in values.items()
            if getattr(self, name) != value
        }
        if changed:
            for name, (_, value) in changed.items():
                setattr(self, name, value)
            with transaction.atomic():
                self.save(update_fields=list(changed))
                self.record(KeyEvent.Kind.CHANGED, actor, address, detail=detail_of(changed))
        return bool(changed)

    def revoke(self, actor: User | None, address: str = "") -> bool:
        """End the key, for good. False where it was revoked already."""
        changed = Key.objects.filter(pk=self.pk).revoke(actor, address)
        self.refresh_from_db(fields=["revoked_at"])
        return bool(changed)

    def record(
        self, kind: KeyEvent.Kind, actor: User | None, address: str = "", **more: Any
    ) -> None:
        """Add an event to the audit, and make the mail that goes with it."""
        self._event(kind, actor, address, **more).save()
        if kind in _TOLD:
            self.notices.get_or_create(kind=kind.value)

    def _event(
        self, kind: KeyEvent.Kind, actor: User | None, address: str, **more: Any
    ) -> KeyEvent:
        return KeyEvent(
            owner_id=self.owner_id,
            key=self,
            public_id=self.public_id,
            kind=kind,
            actor=actor,
            address=address or None,
            **more,
        )

    def _check_rotation(self) -> None:
        if self.state != "live":
            raise RotationRefused(
                f"This key is {self.state}"
                + (f", by {successor.prefix}…" if (successor := self._successor()) else "")
                + ": only a live key can be replaced. Make a new one instead."
            )
        if self.predecessor and self.predecessor.works:
            raise RotationRefused(
                f"The key before this one, {self.predecessor.prefix}…, still works: revoke it, or "
                "wait for its end, before you replace this one."
            )

    def _successor(self) -> "Key | None":
        return Key.objects.filter(predecessor=self).first()

    def _begin(self, policy: Policy, days: int) -> str:
        """Give the key its lifetime and its secret, and save it; return the secret text."""
        if not 0 <= days <= LONGEST_DAYS:
            raise ValueError(f"days is {days}; it takes 0 (never) to {LONGEST_DAYS}.")
        policy.check_days(days)
        # Whole seconds, so that the row and a JWT's claims agree to the instant.
        self.created_at = timezone.now().replace(microsecond=0)
        self.expires_at = self.created_at + timedelta(days=days) if days else None
        self.public_id = self.public_id or tokens.new_public_id()
        text = self._make_secret()
        self.save(force_insert=True)
        return text

    def _make_secret(self) -> str:
        if self.kind == Key.Kind.ACCESS_TOKEN:
            text = tokens.make_access_token(self.public_id)
        else:
            signing = settings.JWT_KEYS.signing
            self.kid = signing.kid
            text = tokens.make_jwt(
                signing,
                self.public_id,
                subject=str(self.owner_id),
                rnd=tokens.new_secret(),
                issued=int(self.created_at.timestamp()),
                expires=int(self.expires_at.timestamp()) if self.expires_at else None,
            )
        # Read it back as a caller's would be: what cannot be verified is never handed out.
        claim = tokens.read(text, settings.JWT_KEYS)
        self.pepper = settings.PEPPERS.current
        self.digest = digest(settings.PEPPERS.values[self.pepper], claim)
        return text


# Events that the owner gets a mail of; a notice of the same name.
_TOLD = {KeyEvent.Kind.CREATED, KeyEvent.Kind.FIRST_USED, KeyEvent.Kind.LEAKED}
