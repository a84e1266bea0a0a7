"""Asking for the account password again, before an act that a stolen session must not do alone."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.adapter import AccountAdapter
from accounts.models import User


class LockedOut(Exception):
    """Too many wrong passwords; the text says so, and how long to wait."""


def confirm(request: HttpRequest, password: str) -> bool:
    """Whether this is the account password of the person who is signed in.

    A wrong one counts as a failed sign-in of that person and of that address, and a right one
    leaves no count behind, so that guessing here and guessing at the sign-in share one limit
    (`ACCOUNT_RATE_LIMITS["login_failed"]`). Raises LockedOut when the limit is reached, even for
    the right password.
    """
    if request.method == "GET":
        # allauth counts nothing on GET: guesses would be free.
        raise ValueError("A password is confirmed in answer to a POST.")
    person = request.user
    if not isinstance(person, User):
        return False
    try:
        found = AccountAdapter(request).authenticate(request, email=person.email, password=password)
    except ValidationError as refusal:
        raise LockedOut(refusal.message) from None
    return found is not None and found.pk == person.pk
