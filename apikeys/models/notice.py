"""Mails about keys: what there is to tell, and what was told."""

from django.db import models
from django.utils import timezone

from apikeys.models.key import Key


class Notice(models.Model):
    """One mail to a key's owner, sent once by `apikeys.notices`, however often it is made."""

    class Kind(models.TextChoices):
        CREATED = "created"
        FIRST_USED = "first_used"
        LEAKED = "leaked"
        USED_AFTER_GRACE = "used_after_grace"
        EXPIRES_30 = "expires_30"
        EXPIRES_7 = "expires_7"
        EXPIRES_1 = "expires_1"

    key = models.ForeignKey(Key, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "kind"], name="one_notice_of_a_kind_per_key")
        ]
        indexes = [
            models.Index(
                fields=["id"], name="notices_to_send", condition=models.Q(sent_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.key}"
