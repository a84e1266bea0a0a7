"""An API call: one request that a system's API understands, with places for arguments."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast

from django.db import models

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.api_call import BodyKind
from dynamic.flow.retry import RetryRule
from dynamic.flow.rows import merged, read_rows
from dynamic.flow.statuses import parse_statuses
from dynamic.models.authentication import authentication
from dynamic.models.checking import refuse_words, require_storable, run_checks
from dynamic.models.credential import Credential, base_url_of
from dynamic.models.fields import JsonText
from dynamic.models.system import SECONDS, System
from dynamic.outbound.auth import NoAuth
from dynamic.outbound.client import Timeouts
from dynamic.outbound.paging import Paging
from dynamic.outbound.route import Route

NOT_FOR_SLUGS = frozenset({"new"})  # a word of our own URLs


class ApiCall(models.Model):
    """Values may hold `{{ expression }}`, which see the `with` of the step that makes the call."""

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"
        HEAD = "HEAD", "HEAD"
        OPTIONS = "OPTIONS", "OPTIONS"

    class Body(models.TextChoices):
        NONE = "none", "None"
        JSON = "json", "JSON"
        FORM = "form", "Form"
        MULTIPART = "multipart", "Multipart form"
        TEXT = "text", "Text"
        XML = "xml", "XML"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="calls")
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, max_length=2000)
    active = models.BooleanField(default=True, help_text="A flow cannot make a call that is off.")
    method = models.CharField(max_length=8, choices=Method.choices, default=Method.GET)
    path = models.CharField(
        "relative URL",
        max_length=1000,
        blank=True,
        help_text="After the base URL: /orders/{{ id }}",
    )
    query = models.JSONField(
        default=list, blank=True, help_text='Rows: [{"label": "", "key": "sku", "value": "…"}]'
    )
    headers = models.JSONField(default=list, blank=True, help_text="Rows, as for the query.")
    body_kind = models.CharField(max_length=9, choices=Body.choices, default=Body.NONE)
    body = models.JSONField(
        default=None,
        null=True,
        blank=True,
        help_text="JSON: any value. Forms: rows. Text and XML: one string.",
    )
    skip_auth = models.BooleanField("skip authentication", default=False)
    connect_timeout = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=SECONDS, help_text="Seconds; empty for the system's."
    )
    read_timeout = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=SECONDS, help_text="Seconds; empty for the system's."
    )
    fine_statuses = models.CharField(
        max_length=200,
        default="200-299",
        help_text="Answers that mean success, such as 200-299, 404.",
    )
    follow_redirects = models.BooleanField(
        default=False, help_text="At most 5; the credential stays with the system's own host."
    )
    retry = models.JSONField(
        default=dict, blank=True, help_text='Such as {"attempts": 3}; empty to try once.'
    )
    paging = models.JSONField(
        default=dict, blank=True, help_text="How to get a list that comes in pages; empty for none."
    )
    sample_arguments = models.JSONField(default=dict, blank=True)
    sample_response = JsonText(default=None, editable=False)  # a body that it may answer

    class Meta:
        ordering: ClassVar = ["system", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "slug"], name="one_slug_per_system")
        ]
        verbose_name = "API call"

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name that a flow's `api:` gives: system/call."""
        return f"{self.system.slug}/{self.slug}"

    def clean(self) -> None:
        """Raises ValidationError by field, with every fault that can be told at once."""
        compiled = frozenset({"path", "query", "headers", "body"})
        checks: dict[str, Callable[[], object]] = {
            "slug": lambda: refuse_words(self.slug, NOT_FOR_SLUGS),
            "fine_statuses": lambda: parse_statuses(self.fine_statuses),
            "retry": lambda: RetryRule.parse(self.retry),
            "paging": lambda: Paging.parse(self.paging),
            "sample_arguments": self._check_arguments,
            **{field: partial(self._check_storable, field) for field in sorted(compiled)},
        }
        run_checks(checks)
        run_checks({"query": lambda: self.compile("https://system.invalid")}, compiled)

    def _check_storable(self, field: str) -> None:
        require_storable(getattr(self, field))

    def _check_arguments(self) -> None:
        if not isinstance(self.sample_arguments, dict):
            raise ValueError('Write an object, such as {"id": 1001}.')
        require_storable(self.sample_arguments)

    def compile(self, base_url: str) -> CompiledCall:
        """Ready to build requests. Raises ExpressionInvalid or ValueError, naming the field."""
        system = self.system
        return CompiledCall.compile(
            name=self.full_name,
            method=self.method,
            base_url=base_url,
            path=self.path,
            query=merged(
                read_rows("common_query", system.common_query), read_rows("query", self.query)
            ),
            headers=merged(
                read_rows("common_headers", system.common_headers),
                read_rows("headers", self.headers),
                any_case=True,
            ),
            body_kind=cast(BodyKind, self.body_kind),
            body=self._whole_body(),
            fine=parse_statuses(self.fine_statuses),
        )

    def _whole_body(self) -> Any:
        """The body with the system's common fields in it, where it has fields at all."""
        common = read_rows("common_body", self.system.common_body)
        if self.body_kind in {self.Body.FORM, self.Body.MULTIPART}:
            return merged(common, read_rows("body", self.body))
        if self.body_kind == self.Body.JSON and isinstance(self.body, dict):
            return {row.key: row.value for row in common} | self.body
        return self.body

    def base_url(self, credential: Credential | None) -> str:
        """ValueError where neither the system nor the credential has one."""
        url = base_url_of(self.system, credential)
        if not url:
            raise ValueError(
                f"The system {self.system.slug} has no base URL: give it one, or its credential."
            )
        return url

    def route(self, credential: Credential | None) -> Route:
        """How its requests go out. ValueError where that cannot work."""
        system = self.system
        auth = NoAuth() if self.skip_auth else authentication(system, credential)
        return Route(
            auth=auth,
            timeouts=Timeouts(
                connect=self.connect_timeout or system.connect_timeout,
                read=self.read_timeout or system.read_timeout,
            ),
            token_failures=parse_statuses(system.token_failures),
            redirects=self.follow_redirects,
            retry=RetryRule.parse(self.retry),
            paging=Paging.parse(self.paging),
            fine=parse_statuses(self.fine_statuses),
            lane=f"system {system.pk}",
            most_at_once=system.most_at_once,
        )


def callable_by(owner_id: int) -> models.QuerySet[ApiCall]:
    """The API calls that an owner's flows may make, each with its system."""
    calls = ApiCall.objects.filter(system__owner=owner_id, system__archived_at=None, active=True)
    return calls.select_related("system")
