"""What opens a system: credentials, the tokens obtained with them, and consents under way."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.models.authentication import authentication, check_settings
from dynamic.models.fields import EncryptedJson, EncryptedText
from dynamic.models.system import System


class Credential(models.Model):
    """`values` is an object of texts, such as {"username": …, "secret": …}: what the system's
    authentication type asks for (`auth_types`). It can be written and used, never read.

    The default one is used where a flow's step names none.
    """

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=50, default="default")
    is_default = models.BooleanField("default", default=True)
    base_url = models.CharField(
        "base URL", max_length=500, blank=True, help_text="Where the system itself names none."
    )
    values = EncryptedJson(default=dict, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-is_default", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "name"], name="one_name_per_system"),
            models.UniqueConstraint(
                fields=["system"], condition=Q(is_default=True), name="one_default_per_system"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            check_settings(self.system)
            authentication(self.system, self)
        except ValueError as error:
            raise ValidationError({"values": str(error)}) from None
        try:
            if self.base_url or not self.system.base_url:
                CompiledCall.compile(name="", method="GET", base_url=self.base_url)
        except ExpressionInvalid as error:
            message = str(error).removeprefix("base_url: ")
            raise ValidationError({"base_url": message}) from None

    def make_default(self) -> None:
        """Let calls that name no credential use this one."""
        self.system.credentials.exclude(pk=self.pk).update(is_default=False)
        self.is_default = True
        self.save(update_fields=["is_default", "changed_at"])


class IssuedToken(models.Model):
    """The token that a system gave for a credential, kept for all workers and across restarts.

    `made_for` is a fingerprint of what it was obtained with: after a change of the credential or of
    the system's settings it no longer fits, and is not used.
    """

    credential = models.OneToOneField(Credential, on_delete=models.CASCADE, related_name="token")
    made_for = models.CharField(max_length=64)
    version = models.CharField(max_length=32, blank=True)  # random; another one, another token
    answer = EncryptedJson(default=dict)  # what the system answered
    obtained_at = models.FloatField(default=0.0)  # seconds since 1970, as are the others
    expires_at = models.FloatField(null=True)
    renewing_until = models.FloatField(default=0.0)  # one process renews, the others wait

    def __str__(self) -> str:
        return f"token of {self.credential_id}"


class Consent(models.Model):
    """A person was sent to a system to allow access, and is expected back (RFC 6749 4.1)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="consents")
    state_digest = models.CharField(max_length=64, unique=True)
    verifier = EncryptedText()  # PKCE, RFC 7636
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"consent for {self.credential_id}"


def base_url_of(system: System, credential: Credential | None) -> str:
    """The system's own base URL, or else the credential's; "" where neither has one."""
    return system.base_url or (credential.base_url if credential else "")


def default_credential(system: System, name: str = "") -> Credential | None:
    """The credential of this name, or the default one; of prefetched rows where there are."""
    credentials: list[Any] = list(system.credentials.all())
    if name:
        return next((one for one in credentials if one.name == name), None)
    return next(iter(credentials), None)
