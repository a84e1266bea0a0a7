"""Keys: the row behind an access token or a JWT, what happened to it, and when it was last used."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from apikeys import tokens
from apikeys.digest import digest

LONGEST_DAYS = 3650


class KeyQuerySet(models.QuerySet["Key"]):
    def live(self) -> "KeyQuerySet":
        now = timezone.now()
        return self.filter(revoked_at=None).exclude(expires_at__lte=now)

    def issue(
        self,
        owner: User,
        name: str,
        kind: tokens.Kind,
        days: int,
        *,
        public_id: str = "",
        **grants: Any,
    ) -> tuple["Key", str]:
        """Make a key; return its row and its secret text, which exists nowhere else from here on.

        `days` is 0 (never expires) to 3650. Raises IntegrityError where a key has this
        `public_id`; without one a new one is chosen.
        """
        if not 0 <= days <= LONGEST_DAYS:
            raise ValueError(f"days is {days}; it takes 0 (never) to {LONGEST_DAYS}.")
        # Whole seconds, so that the row and a JWT's claims agree to the instant.
        now = timezone.now().replace(microsecond=0)
        key = Key(
            owner=owner,
            name=name,
            kind=kind,
            public_id=public_id or tokens.new_public_id(),
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
            **grants,
        )
        text = key._make_secret()
        with transaction.atomic():
            key.save(force_insert=True)
            key.events.create(kind=KeyEvent.Kind.CREATED, actor=owner)
        return key, text


class Key(models.Model):
    """One key. Made by `Key.objects.issue`, ended by `revoke`; its secret is stored as a digest."""

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
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= timezone.now():
            return "expired"
        return "live"

    def revoke(self, actor: User | None, address: str = "") -> bool:
        """End the key, for good. False where it had ended already."""
        with transaction.atomic():
            changed = Key.objects.filter(pk=self.pk, revoked_at=None).update(
                revoked_at=timezone.now()
            )
            if changed:
                self.events.create(kind=KeyEvent.Kind.REVOKED, actor=actor, address=address or None)
        self.refresh_from_db(fields=["revoked_at"])
        return bool(changed)

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


class KeyUse(models.Model):
    """When a key was last used. Apart from `Key`, whose changes make all workers load it anew."""

    key = models.OneToOneField(Key, on_delete=models.CASCADE, related_name="use")
    last_used_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    place = models.CharField(max_length=8)  # "header" or "query"

    def __str__(self) -> str:
        return f"{self.key} at {self.last_used_at}"


class KeyEvent(models.Model):
    """Append-only record of what happened to a key."""

    class Kind(models.TextChoices):
        CREATED = "created"
        REVOKED = "revoked"

    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class Change(models.Model):
    """One row says: something of this owner changed. It is what workers forget by.

    Rows are written by database triggers alone (`apikeys.changes`), so no writer can forget to.
    """

    owner_id = models.BigIntegerField(null=True)  # null: it could be anybody's
    at = models.BigIntegerField()  # Unix seconds

    def __str__(self) -> str:
        return f"change {self.pk}, owner {self.owner_id}"
