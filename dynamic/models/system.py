"""A system: something with an HTTP API that our calls talk to."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.rows import compile_rows, read_rows
from dynamic.flow.statuses import parse_statuses
from dynamic.models import auth_types
from dynamic.models.access import Shared, SharedQuerySet
from dynamic.models.authentication import check_settings
from dynamic.models.checking import refuse_words, require_storable, run_checks

NOT_FOR_SLUGS = frozenset({"new", "oauth"})  # words of our own URLs
SECONDS = [MinValueValidator(1), MaxValueValidator(9999)]  # at most four digits
_SOMEWHERE = "https://system.invalid"  # RFC 2606
_ROWS_HELP = 'Rows: [{"label": "", "key": "", "value": ""}]. Added to each call of the system.'


class System(Shared, models.Model):
    """`auth` holds the settings of its authentication type (`auth_types`), and no secret."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="systems"
    )
    slug = models.SlugField(max_length=50, help_text="The name flows use: slug/call.")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, max_length=2000)
    base_url = models.CharField(
        "base URL",
        max_length=500,
        blank=True,
        help_text="Empty where each credential has its own, as with one shop a customer.",
    )
    auth_type = models.CharField(
        "authentication", max_length=16, choices=auth_types.CHOICES, default="none"
    )
    auth = models.JSONField("authentication settings", default=dict, blank=True)
    common_query = models.JSONField(default=list, blank=True, help_text=_ROWS_HELP)
    common_headers = models.JSONField(default=list, blank=True, help_text=_ROWS_HELP)
    common_body = models.JSONField(
        default=list,
        blank=True,
        help_text=f"{_ROWS_HELP} To bodies that are forms or JSON objects.",
    )
    connect_timeout = models.PositiveSmallIntegerField(
        default=30, validators=SECONDS, help_text="Seconds."
    )
    read_timeout = models.PositiveSmallIntegerField(
        default=240, validators=SECONDS, help_text="Seconds, for the whole answer."
    )
    token_failures = models.CharField(
        "token-failure statuses",
        max_length=100,
        default="401",
        help_text="Answers that mean: the token is no good. It is renewed once, and the call "
        "repeated.",
    )
    most_at_once = models.PositiveSmallIntegerField(
        "calls at once",
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text="How many each server process has under way; others wait. 0 = no limit.",
    )
    health_minutes = models.PositiveSmallIntegerField(
        "health check, in minutes",
        default=0,
        validators=[MaxValueValidator(1440)],
        help_text="How often to look whether the system is up; its owner gets a mail when it is "
        "down and when it is back. 0 = never.",
    )
    health_path = models.CharField(
        "health check path",
        max_length=500,
        blank=True,
        help_text="Asked for with GET by health checks and connection tests. Empty: the base URL.",
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "slug"], name="one_slug_per_owner")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def type(self) -> auth_types.AuthType:
        return auth_types.AUTH_TYPES[self.auth_type]

    def clean(self) -> None:
        """Raises ValidationError by field; the settings' own faults all stand under `auth`."""
        rows = ("common_query", "common_headers", "common_body")
        checks: dict[str, Callable[[], object]] = {
            "slug": lambda: refuse_words(self.slug, NOT_FOR_SLUGS),
            "base_url": lambda: self.base_url and self._compiled(self.base_url),
            "health_path": lambda: self._compiled(_SOMEWHERE, self.health_path),
            "token_failures": lambda: parse_statuses(self.token_failures),
            **{field: partial(self._check_rows, field) for field in rows},
        }
        if self.auth_type in auth_types.AUTH_TYPES:
            checks["auth"] = lambda: check_settings(self)
        run_checks(checks)

    def _check_rows(self, field: str) -> None:
        found = read_rows(field, getattr(self, field))
        require_storable(getattr(self, field))
        if field == "common_headers":
            CompiledCall.compile(name="", method="GET", base_url=_SOMEWHERE, headers=found)
        else:
            compile_rows(field, found)

    def _compiled(self, base_url: str, path: str = "") -> CompiledCall:
        return CompiledCall.compile(name=self.slug, method="GET", base_url=base_url, path=path)
