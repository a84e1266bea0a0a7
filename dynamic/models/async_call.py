"""Calls whose callers do not wait (`Prefer: respond-async`, RFC 7240): what is to be run, and what
came of it.
"""

from typing import ClassVar

from django.db import models

from dynamic.models.fields import EncryptedJson, EncryptedText
from dynamic.models.pipe import Pipe


class AsyncCall(models.Model):
    """Beside the run of the same id, which tells where it stands: all that running it needs, as it
    came, and the answer as it goes out. As with runs, the database holds no constraint to the pipe.
    """

    run_id = models.CharField(primary_key=True, max_length=24)
    pipe = models.ForeignKey(Pipe, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    key_public_id = models.CharField("key", max_length=10)
    given = EncryptedJson()  # method, query, headers, payload
    begun_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    answer = EncryptedText(blank=True, default="")
    callback_url = EncryptedText(blank=True, default="")
    callback_tries = models.PositiveSmallIntegerField(default=0)
    callback_due_at = models.DateTimeField(null=True)  # None where no try is due any more
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["run_id"], condition=models.Q(begun_at=None), name="async_calls_queued"
            ),
            models.Index(
                fields=["callback_due_at"],
                condition=~models.Q(callback_due_at=None),
                name="callbacks_due",
            ),
        ]

    def __str__(self) -> str:
        return self.run_id
