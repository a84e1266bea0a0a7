"""The audit: what happened to keys, by whom, from where."""

from datetime import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone


class AppendOnly(TypeError):
    """An event cannot be changed, nor deleted but by `purge` or with its owner."""


class KeyEventQuerySet(models.QuerySet["KeyEvent"]):
    def update(self, **_: Any) -> NoReturn:
        raise AppendOnly("Events are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Events are deleted by `purge`, when they are old.")

    def purge(self) -> int:
        """Delete these events; return how many there were."""
        return super().delete()[0]


class KeyEvent(models.Model):
    """Append-only, in the database, too: a trigger of `apikeys.append_only` refuses updates.

    It outlives its key, so it names the key in words of its own (`public_id`).
    """

    class Kind(models.TextChoices):
        CREATED = "created", "made"
        SHOWN = "shown", "shown"
        FIRST_USED = "first_used", "first used"
        ROTATED = "rotated", "replaced"
        REVOKED = "revoked", "revoked"
        DENIED = "denied", "denied"
        LEAKED = "leaked", "reported as leaked"
        CHANGED = "changed", "changed"
        POLICY_CHANGED = "policy_changed", "policy changed"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="key_events"
    )
    key = models.ForeignKey(
        "apikeys.Key", on_delete=models.SET_NULL, null=True, related_name="events"
    )
    public_id = models.CharField("key", max_length=10, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    address = models.GenericIPAddressField(null=True)
    # Of a denial: why (`apikeys.verify`), of which request, to which pipe, and how many times.
    reason = models.CharField(max_length=32, blank=True)
    request_id = models.CharField(max_length=32, blank=True, db_index=True)
    pipe_id = models.CharField(max_length=24, blank=True)
    times = models.PositiveIntegerField(default=1)
    detail = models.JSONField(default=dict)  # of a change: {field: [before, after]}

    objects = KeyEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["owner", "-id"], name="key_events_of_owner")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.kind} {self.at}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise AppendOnly("Events are deleted by `purge`, when they are old.")


def detail_of(changed: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What changed, {field: [before, after]}, as JSON can hold it."""
    return {
        name: [value.isoformat() if isinstance(value, datetime) else value for value in pair]
        for name, pair in changed.items()
    }
