"""A system is something with an HTTP API; its credentials open it."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.models.fields import EncryptedText
from dynamic.outbound.auth import Authentication, Basic, NoAuth, Place, StaticKey

_SECONDS = [MinValueValidator(1), MaxValueValidator(9999)]


class System(models.Model):
    class Auth(models.TextChoices):
        NONE = "none", "None"
        HEADER = "header", "Static key in a header"
        QUERY = "query", "Static key in the query string"
        BASIC = "basic", "Basic: user name and password"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="systems"
    )
    slug = models.SlugField(max_length=50, help_text="The name flows use: slug/call.")
    name = models.CharField(max_length=100)
    base_url = models.CharField("base URL", max_length=500)
    auth_type = models.CharField(
        "authentication", max_length=16, choices=Auth.choices, default=Auth.NONE
    )
    auth_name = models.CharField(
        "header or parameter",
        max_length=100,
        blank=True,
        help_text="Where a static key goes, such as X-Api-Key.",
    )
    auth_prefix = models.CharField(
        "prefix", max_length=50, blank=True, help_text="Put before a static key, such as “Bearer ”."
    )
    connect_timeout = models.PositiveSmallIntegerField(
        default=30, validators=_SECONDS, help_text="Seconds."
    )
    read_timeout = models.PositiveSmallIntegerField(
        default=240, validators=_SECONDS, help_text="Seconds, for the whole answer."
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "slug"], name="one_slug_per_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            CompiledCall.compile(name=self.slug, method="GET", base_url=self.base_url or "")
        except (ExpressionInvalid, ValueError) as error:
            raise ValidationError({"base_url": str(error)}) from None
        if self.auth_type in {self.Auth.HEADER, self.Auth.QUERY} and not self.auth_name:
            raise ValidationError(
                {"auth_name": "Name the header or query parameter that takes the key."}
            )

    def authentication(self, credential: "Credential | None") -> Authentication:
        """How calls of this system prove themselves. ValueError where that cannot work."""
        if self.auth_type == self.Auth.NONE:
            return NoAuth()
        if credential is None:
            raise ValueError(f"The system {self.slug} has no credential; give it one.")
        if self.auth_type == self.Auth.BASIC:
            return Basic(credential.username, credential.secret)
        place: Place = "header" if self.auth_type == self.Auth.HEADER else "query"
        return StaticKey(place, self.auth_name, credential.secret, self.auth_prefix)


class Credential(models.Model):
    """What opens a system. Its secret can be written and used, never read."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=50, default="default")
    username = models.CharField("user name", max_length=200, blank=True)
    secret = EncryptedText("key or password")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "name"], name="one_name_per_system")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            self.system.authentication(self)
        except ValueError as error:
            raise ValidationError(str(error)) from None
