"""A pipe: the address that callers call, and the rules for calling it."""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from dynamic.flow.headers import is_token
from dynamic.models.access import Shared, SharedQuerySet
from dynamic.models.alerting import AlertRule, fault_of_addresses
from dynamic.models.fields import EncryptedText
from dynamic.models.flow import Flow, FlowVersion

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# What its owner sets of a pipe beside its name and flow: on its page, by REST, in a bundle.
RULES = (
    "enabled",
    "methods",
    "deadline",
    "body_limit",
    "failure_mode",
    "keep_bodies",
    "keep_days",
    "keep_runs",
    "redact_names",
    "calls_a_minute",
    "at_once",
    "cache_seconds",
    "cache_headers",
    "cache_shared",
    "alert_rule",
    "alert_addresses",
)
MOST_NAMES = 50  # of redact_names
LONGEST_NAME = 100  # characters
# What a run's record is made of; masked, nobody could read it any more.
NAMES_OF_RECORDS = frozenset(
    {
        *("query", "headers", "payload", "step", "kind", "at", "ms", "error", "items", "item"),
        *("request", "api", "method", "url", "body", "attempts", "note", "waited_ms", "pages"),
        *("response", "status_code", "data", "steps", "then", "flow", "count", "taken", "level"),
        *("message", "mail", "value", "caught", "mocked"),
    }
)
MOST_CACHE_HEADERS = 20


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


def check_redacted_names(names: Any) -> None:
    """Raises ValidationError for the field `redact_names`."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValidationError({"redact_names": "A list of names."})
    if len(names) > MOST_NAMES or not all(0 < len(name) <= LONGEST_NAME for name in names):
        sentence = f"At most {MOST_NAMES} names, each of 1 to {LONGEST_NAME} characters."
        raise ValidationError({"redact_names": sentence})
    if taken := sorted({name for name in names if name.lower() in NAMES_OF_RECORDS}):
        listed = ", ".join(taken)
        sentence = f"The records of runs themselves use {listed}: name the fields within instead."
        raise ValidationError({"redact_names": sentence})


class Pipe(Shared, models.Model):
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
    redact_names = models.JSONField(
        default=list,
        blank=True,
        help_text="Names of fields and headers whose values runs never keep, in a list; those that "
        "look like passwords, keys and tokens are never kept anyway.",
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
    alert_rule = models.CharField(
        max_length=10,
        choices=AlertRule,
        default=AlertRule.OFF,
        help_text="When failed runs are told by mail: at most one an hour for the same cause.",
    )
    alert_addresses = models.JSONField(
        default=list,
        blank=True,
        help_text="Mail addresses, in a list; empty for the owner's.",
    )
    callback_secret = EncryptedText(blank=True, default="", editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SharedQuerySet.as_manager()

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
        check_redacted_names(self.redact_names)
        faults: dict[str, str] = {}
        if (
            not isinstance(self.methods, list)
            or not self.methods
            or not all(method in METHODS for method in self.methods)
        ):
            faults["methods"] = f"A list of some of {', '.join(METHODS)}."
        if not _are_names(self.cache_headers):
            faults["cache_headers"] = f"A list of at most {MOST_CACHE_HEADERS} names of headers."
        if fault := fault_of_addresses(self.alert_addresses):
            faults["alert_addresses"] = fault
        if self.flow_id and self.owner_id and self.flow.owner_id != self.owner_id:
            faults["flow"] = "The flow belongs to somebody else."
        elif self.flow_id and self.flow.archived_at and not self.archived_at:
            faults["flow"] = f"The flow “{self.flow}” is archived: restore it, or choose another."
        if self.pinned and self.pinned.flow_id != self.flow_id:
            faults["pinned"] = "This version is another flow's."
        if faults:
            raise ValidationError(faults)


def _are_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_CACHE_HEADERS
        and all(isinstance(name, str) and is_token(name) for name in value)
    )
