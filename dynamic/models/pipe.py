"""A pipe: the address that callers call, and the rules for calling it."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from dynamic.models.flow import Flow, FlowVersion

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class FailureMode(models.TextChoices):
    HTTP = "http", "By HTTP status, with problem details"
    COMPAT = "compat", "Always 200, with an envelope"


class KeepBodies(models.TextChoices):
    ALL = "all", "Of all runs"
    ERRORS = "errors", "Of runs that did not end well"
    OFF = "off", "Of none"


def new_pipe_id() -> str:
    return secrets.token_hex(12)


def default_methods() -> list[str]:
    return ["GET", "POST"]


class Pipe(models.Model):
    id = models.CharField(primary_key=True, max_length=24, default=new_pipe_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pipes"
    )
    name = models.CharField(max_length=100)
    flow = models.ForeignKey(Flow, on_delete=models.RESTRICT, related_name="pipes")
    pinned = models.ForeignKey(
        FlowVersion,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Run this version; empty for the latest published one.",
    )
    enabled = models.BooleanField("on", default=True)
    methods = models.JSONField(
        default=default_methods, help_text=f"Of {', '.join(METHODS)}; GET takes HEAD with it."
    )
    deadline = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
        help_text="Seconds that a run may take.",
    )
    body_limit = models.PositiveIntegerField(
        default=1024 * 1024,
        validators=[MinValueValidator(1), MaxValueValidator(64 * 1024 * 1024)],
        help_text="Most bytes of a request's body.",
    )
    failure_mode = models.CharField(
        max_length=10, choices=FailureMode, default=FailureMode.HTTP, help_text="How it fails."
    )
    keep_bodies = models.CharField(
        max_length=10,
        choices=KeepBodies,
        default=KeepBodies.ALL,
        help_text="Whether runs keep what came in, what went out, and what was sent and received.",
    )
    keep_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MaxValueValidator(3650)],
        help_text="Days that runs are kept; 0 for ever.",
    )
    keep_runs = models.PositiveIntegerField(
        default=0, help_text="The newest runs that are kept; 0 for no such limit."
    )
    calls_a_minute = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(1_000_000)],
        help_text="Most calls a minute, of all callers together; 0 for no limit.",
    )
    at_once = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(10_000)],
        help_text="Most runs at once in a server process; 0 for no limit.",
    )
    cache_seconds = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(86_400)],
        help_text="Seconds that the answer to a read is given again; 0 to ask anew each time.",
    )
    cache_headers = models.JSONField(
        default=list,
        blank=True,
        help_text="Headers that make another answer, beside the query. Names, in a list.",
    )
    cache_shared = models.BooleanField(
        "one cache for all callers",
        default=False,
        help_text="Else each key has answers of its own.",
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_pipe_name_per_owner")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The full URL that callers call."""
        return settings.SITE_URL + reverse("listener", args=[self.id])

    def clean(self) -> None:
        if (
            not isinstance(self.methods, list)
            or not self.methods
            or not all(method in METHODS for method in self.methods)
        ):
            raise ValidationError({"methods": f"A list of some of {', '.join(METHODS)}."})
        if self.flow_id and self.owner_id and self.flow.owner_id != self.owner_id:
            raise ValidationError({"flow": "The flow belongs to somebody else."})
        if self.pinned and self.pinned.flow_id != self.flow_id:
            raise ValidationError({"pinned": "This version is another flow's."})
