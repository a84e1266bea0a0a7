"""Calls whose callers do not wait (`Prefer: respond-async`, RFC 7240): what is to be run, and what
came of it.

The functions use the ORM, and belong on a `Store`'s thread. Doing one twice does no harm.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from dynamic.models.fields import EncryptedJson, EncryptedText
from dynamic.models.pipe import Pipe
from dynamic.models.run import QUEUED, RUNNING, Run

KEPT_FOR = timedelta(hours=24)  # from the end of the run


class AsyncCall(models.Model):
    """Beside the run of the same id, which tells where it stands: all that running it needs, as it
    came, and the answer as it goes out. As with runs, the database holds no constraint to the pipe.
    """

    run_id = models.CharField(primary_key=True, max_length=24)
    pipe = models.ForeignKey(Pipe, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    key_public_id = models.CharField("key", max_length=10)
    given = EncryptedJson()  # method, query, headers, payload; nothing once the run has ended
    cancel_asked_at = models.DateTimeField(null=True)
    answer = EncryptedText(blank=True, default="")
    callback_url = EncryptedText(blank=True, default="")
    callback_tries = models.PositiveSmallIntegerField(default=0)
    callback_due_at = models.DateTimeField(null=True)  # None where no try is due
    callback_result = models.TextField(blank=True, default="")  # of the last try, in a sentence
    callback_delivered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["callback_due_at"],
                condition=~models.Q(callback_due_at=None),
                name="callbacks_due",
            ),
        ]

    def __str__(self) -> str:
        return self.run_id


def note_ended(run_ids: Collection[str], now: datetime, answer: str = "") -> None:
    """Keep the answer, forget what came in, and have those told who want to be called back.

    To be committed together with the end of the runs. Among these may be some that have no call.
    """
    calls = AsyncCall.objects.filter(pk__in=run_ids)
    calls.update(given={}, answer=answer, expires_at=now + KEPT_FOR)
    calls.exclude(callback_url="").filter(callback_tries=0).update(callback_due_at=now)


def forget_expired(now: datetime) -> None:
    """Forget calls a day after they ended. One whose run has not ended waits for that."""
    old = AsyncCall.objects.filter(expires_at__lte=now)
    for status in (QUEUED, RUNNING):  # each of them by its index
        old = old.exclude(pk__in=Run.objects.filter(status=status).values("pk"))
    old.delete()
