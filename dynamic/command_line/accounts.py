"""Whose things a command is about."""

from django.core.management.base import CommandError

from accounts.models import User
from apikeys.command_line.output import printable


def account_of(email: str) -> User:
    """Raises CommandError where nobody has this address: a slip must not look like "nothing"."""
    account = User.objects.filter(email__iexact=email).first()
    if account is None:
        raise CommandError(f"There is no account {printable(email)}.")
    return account
