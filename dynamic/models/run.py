"""A run: one call of a pipe, what came in, what each step did, what went out."""

import secrets
import time
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

from dynamic.models.fields import JsonText
from dynamic.models.flow import Flow
from dynamic.models.pipe import Pipe

# Where a run stands beside what a flow comes to (flow.outcome.Status).
QUEUED = "queued"  # its caller does not wait, and it has not begun
RUNNING = "running"
UNKNOWN = "unknown"  # the server stopped in the middle
CANCELLED = "cancelled"  # somebody ended it before its end, or it could not be begun any more

NOT_ENDED = (QUEUED, RUNNING)

# Beyond its pipe's deadline: until then a run may still be being recorded.
MARGIN = timedelta(seconds=60)


def new_run_id() -> str:
    """24 hex characters that sort by time: 12 of milliseconds, 12 random."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"


class Run(models.Model):
    """Written by `dynamic.runs.recorder`, with every secret already taken out: when it has ended;
    of a write also before it calls anybody, and where it answers before it ends. One whose caller
    does not wait is stored as `queued` before that is told (`dynamic.models.async_call`).

    The database holds no constraint to owner and pipe: runs arrive in the background, and one that
    comes as its pipe is being deleted must neither stop the deletion nor lose its whole batch.
    """

    id = models.CharField(primary_key=True, max_length=24, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="runs",
        db_constraint=False,
        db_index=False,  # the indexes below begin with it
    )
    pipe = models.ForeignKey(
        Pipe,
        on_delete=models.CASCADE,
        related_name="runs",
        db_constraint=False,
        db_index=False,
    )
    key_public_id = models.CharField("key", max_length=10)
    request_id = models.CharField(max_length=32)
    address = models.GenericIPAddressField(null=True)
    flow_id = models.BigIntegerField(null=True)  # what it runs: later its pipe may run another
    flow_version = models.PositiveIntegerField(null=True)
    method = models.CharField(max_length=8)
    status = models.CharField(max_length=20)  # a dynamic.flow.runner.Status, or one of the above
    http_status = models.PositiveSmallIntegerField(null=True)  # None where none was answered yet
    message = models.TextField(blank=True)
    started_at = models.DateTimeField()  # while it is queued: when it was accepted
    late_at = models.DateTimeField(null=True)  # if it is still running by then, its server is gone
    ms = models.FloatField()
    input = JsonText()  # {"query", "headers", "payload"}
    answer = JsonText()  # the answer's body
    trace = JsonText()  # a list of steps, as dynamic.flow.runner describes them

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="runs_of_owner"),
            models.Index(fields=["pipe", "-id"], name="runs_of_pipe"),
            # Few: what somebody looks for when something is wrong.
            models.Index(
                fields=["owner", "-id"],
                condition=~models.Q(status="success"),
                name="runs_that_went_wrong",
            ),
            models.Index(
                fields=["late_at"], condition=models.Q(status=RUNNING), name="runs_under_way"
            ),
            models.Index(
                fields=["id", "owner"], condition=models.Q(status=QUEUED), name="runs_queued"
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def flow_name(self) -> str:
        """Of the flow that it ran; "" where that is no longer there."""
        names = Flow.objects.filter(pk=self.flow_id or 0).values_list("name", flat=True)
        return names.first() or ""
