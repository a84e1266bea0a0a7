"""Whether a system is up. Apart from the system: what workers remember of it does not change."""

from django.db import models
from django.utils import timezone

from dynamic.models.system import System


class Health(models.Model):
    system = models.OneToOneField(System, on_delete=models.CASCADE, related_name="health")
    is_up = models.BooleanField(null=True)  # None: not looked yet
    message = models.TextField(blank=True)  # why it is down
    since = models.DateTimeField(null=True)  # of this state
    checked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row, as far as they matter
    down_since = models.DateTimeField(null=True)  # when it last began to fail
    told_up = models.BooleanField(default=True)  # what its owner was told last

    def __str__(self) -> str:
        return f"health of {self.system_id}"
