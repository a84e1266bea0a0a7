"""An API call: one request that a system's API understands, with places for arguments."""

from typing import ClassVar, cast

from django.core.exceptions import ValidationError
from django.db import models

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.api_call import BodyKind, Row
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.models.system import System


class ApiCall(models.Model):
    """Values may hold `{{ expression }}`, which see the `with` of the step that makes the call."""

    class Method(models.TextChoices):
        GET = "GET"
        POST = "POST"
        PUT = "PUT"
        PATCH = "PATCH"
        DELETE = "DELETE"
        HEAD = "HEAD"

    class Body(models.TextChoices):
        NONE = "none", "None"
        JSON = "json", "JSON"
        FORM = "form", "Form"
        TEXT = "text", "Text"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="calls")
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    method = models.CharField(max_length=8, choices=Method.choices, default=Method.GET)
    path = models.CharField(
        max_length=1000, blank=True, help_text="After the base URL: /orders/{{ id }}"
    )
    query = models.JSONField(
        default=list, blank=True, help_text='Rows: [{"label": "", "key": "sku", "value": "…"}]'
    )
    headers = models.JSONField(default=list, blank=True, help_text="Rows, as for the query.")
    body_kind = models.CharField(max_length=8, choices=Body.choices, default=Body.NONE)
    body = models.JSONField(
        default=None,
        null=True,
        blank=True,
        help_text="JSON: any value. Form: rows. Text: one string.",
    )

    class Meta:
        ordering: ClassVar = ["system", "name"]
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
        try:
            self.compile()
        except (ExpressionInvalid, ValueError) as error:
            raise ValidationError(str(error)) from None

    def compile(self) -> CompiledCall:
        """Ready to build requests. Raises ExpressionInvalid or ValueError, naming the field."""
        return CompiledCall.compile(
            name=self.full_name,
            method=self.method,
            base_url=self.system.base_url,
            path=self.path,
            query=_rows("query", self.query),
            headers=_rows("headers", self.headers),
            body_kind=cast(BodyKind, self.body_kind),
            body=self.body,
        )


def _rows(field: str, rows: object) -> list[Row]:
    try:
        return [Row(str(row["key"]), str(row.get("value", ""))) for row in rows]  # type: ignore[attr-defined]
    except (TypeError, KeyError, AttributeError):
        raise ValueError(
            f'{field}: write a list of rows such as [{{"key": "sku", "value": "{{{{ sku }}}}"}}].'
        ) from None
