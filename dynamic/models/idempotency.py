"""What callers asked for under an `Idempotency-Key`, so that a repeat is not run again.

The functions use the ORM, and belong on a `Store`'s thread. Doing one twice, as a `Store` may, does
no harm.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from dynamic.models.fields import EncryptedText
from dynamic.models.pipe import Pipe

KEPT_FOR = timedelta(hours=24)


class State(models.TextChoices):
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"  # nobody knows how it ended


class IdempotentCall(models.Model):
    """The first call of a caller (a key, at a pipe) under one `Idempotency-Key`.

    Committed before its run does anything. The unique constraint decides between processes which
    call is the first. As with runs, the database holds no constraint to the pipe.
    """

    pipe = models.ForeignKey(Pipe, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    key_public_id = models.CharField("key", max_length=10)
    digest = models.CharField(max_length=64)  # SHA-256 of the header's value
    fingerprint = models.CharField(max_length=64)  # of method, query and body
    run_id = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    # What `dynamic.listener.idempotency` makes of it. As it went out, so it may hold secrets.
    answer = EncryptedText(blank=True, default="")
    late_at = models.DateTimeField()  # a run that has not ended by then never will
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pipe", "key_public_id", "digest"], name="one_call_per_idempotency_key"
            )
        ]

    def __str__(self) -> str:
        return self.run_id

    @property
    def is_unknown(self) -> bool:
        """Whether its server was lost, or a defect ended it."""
        late = self.state == State.RUNNING and self.late_at <= timezone.now()
        return late or self.state == State.UNKNOWN


def claim(call: IdempotentCall) -> IdempotentCall | None:
    """Store a call; give the one that came before it, and None where it is itself the first."""
    while True:
        IdempotentCall.objects.bulk_create([call], ignore_conflicts=True)
        first = _of_same_key(call).first()
        if first is None:  # deleted in between
            continue
        if first.run_id == call.run_id:
            return None
        if first.expires_at > timezone.now():
            return first
        _of_same_key(call).filter(pk=first.pk).delete()


def settle(call: IdempotentCall, state: State, answer: str = "") -> None:
    """Keep how a call ended."""
    _of_same_key(call).filter(run_id=call.run_id).update(state=state, answer=answer)


def release(call: IdempotentCall) -> None:
    """Forget a call whose run never began."""
    _of_same_key(call).filter(run_id=call.run_id).delete()


def forget_expired(now: datetime) -> None:
    IdempotentCall.objects.filter(expires_at__lte=now).delete()


def _of_same_key(call: IdempotentCall) -> "QuerySet[IdempotentCall]":
    return IdempotentCall.objects.filter(
        pipe=call.pipe_id, key_public_id=call.key_public_id, digest=call.digest
    )
