"""What was told of a pipe's failures. Not in the pipe, so that what workers remember holds."""

from typing import ClassVar

from django.db import models

from dynamic.models.pipe import Pipe


class Alert(models.Model):
    """The last mail about one cause. As with runs, the database holds no constraint to the pipe:
    what is told as its pipe is being deleted must not stop the deletion.
    """

    pipe = models.ForeignKey(
        Pipe, on_delete=models.CASCADE, related_name="alerts", db_constraint=False
    )
    cause = models.CharField(max_length=64)  # SHA-256 of what `dynamic.runs.failures` makes of it
    told_at = models.DateTimeField()
    count = models.PositiveIntegerField()  # of the runs that were told then

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pipe", "cause"], name="one_alert_per_pipe_and_cause")
        ]

    def __str__(self) -> str:
        return f"alert of {self.pipe_id}"
