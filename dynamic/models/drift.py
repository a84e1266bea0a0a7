"""Drift: a live response lacked a field that a flow reads and the API call's sample has."""

import json
import re
from typing import ClassVar

from django.db import models
from django.utils import timezone

from dynamic.models.call import ApiCall
from dynamic.models.flow import Flow

LONGEST_PATH = 500  # characters
_PLAIN = re.compile(r"[^\W\d]\w*")


class Drift(models.Model):
    """Told once: dismissed or not, the same is not noted again. Written by `dynamic.runs`.

    It comes in the background, as runs do, so the database holds no constraint that could fail.
    """

    flow = models.ForeignKey(
        Flow, on_delete=models.CASCADE, related_name="drifts", db_constraint=False
    )
    call = models.ForeignKey(
        ApiCall,
        on_delete=models.CASCADE,
        related_name="drifts",
        db_constraint=False,
        verbose_name="API call",
    )
    path = models.CharField(max_length=LONGEST_PATH)  # the names of fields, as a JSON list
    seen_at = models.DateTimeField(default=timezone.now)  # the first time
    run_id = models.CharField(max_length=24)  # in which it was seen
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["flow", "call", "path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flow", "call", "path"], name="one_drift_per_path")
        ]

    def __str__(self) -> str:
        return f"{self.call} lacks {self.shown_path}"

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(json.loads(self.path))

    @property
    def shown_path(self) -> str:
        """As an expression would have it after `data`: lines.`unit price`."""
        return ".".join(name if _PLAIN.fullmatch(name) else f"`{name}`" for name in self.fields)
