"""What we tell django-allauth about our accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    """Closed sign-up, our words, and nothing that believes the Host header."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is wrong.",
        "enter_current_password": "This is not your current password.",
        # The time is that of `ACCOUNT_RATE_LIMITS["login_failed"]`; a test holds them together.
        "too_many_login_attempts": "Too many wrong passwords. Wait 5 minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        # allauth takes host and port from the request, so that whoever asks for the mail of
        # somebody else could choose the port its link leads to.
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.SITE_URL}{path}"

    def get_client_ip(self, request: HttpRequest) -> str:
        # `accounts.forwarded` has seen to it; allauth would look at headers itself.
        return str(request.META["REMOTE_ADDR"])

    def forget_failures(self, person: AbstractBaseUser) -> None:
        """Lift the lock-out of a person who has proved in another way who they are."""
        self._delete_login_attempts_cached_email(context.request, email=person.get_username())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth puts the Host header in front. Its port is the client's to choose: every port
        # would start a new count.
        return str(credentials.get("email", "")).lower()
