"""What operators allow of keys, for everybody."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

LONGEST_DAYS = 3650


class PolicyRefused(ValueError):
    """The site's policy forbids this key; `field` is what to change: "days", or "" for none."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Policy(models.Model):
    """The one row of its table (`current`); until an operator saves it, its defaults hold.

    Changed by `apikeys.enforcement.apply` alone, which also fits the live keys to it.
    """

    longest_days = models.PositiveSmallIntegerField(
        "longest lifetime",
        default=LONGEST_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)],
        help_text="Days from now that a key may work.",
    )
    never_allowed = models.BooleanField(
        "keys that never expire", default=True, help_text="Whether 0 days may be asked for."
    )
    most_keys = models.PositiveIntegerField(
        "most keys a person",
        default=1000,
        validators=[MinValueValidator(1)],
        help_text="Live keys; one that was replaced and is in its grace does not count.",
    )
    query_allowed = models.BooleanField(
        "credentials in the query string",
        default=True,
        help_text="Off: every key is refused there, whatever it says itself.",
    )

    class Meta:
        verbose_name_plural = "policy"

    def __str__(self) -> str:
        return "The policy on keys"

    @classmethod
    def current(cls) -> "Policy":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def check_days(self, days: int) -> None:
        """Raise `PolicyRefused` where a key may not live for so long; 0 is for ever."""
        if days == 0 and not self.never_allowed:
            raise PolicyRefused(
                "days", f"A key must expire here: give 1 to {self.longest_days} days."
            )
        if days > self.longest_days:
            raise PolicyRefused("days", f"A key may live for at most {self.longest_days} days.")

    def check_count(self, live: int) -> None:
        """Raise `PolicyRefused` where a person with so many live keys may make no further one."""
        if live >= self.most_keys:
            raise PolicyRefused(
                "", f"You have {live} live keys, and may not have more: revoke one first."
            )
