"""Who signs in: by e-mail address and password, with one answer for all that is not right."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend


class AuthenticationBackend(AllauthBackend):
    """allauth's, but for one thing: an account that is switched off is as unknown as any.

    Its own remembers an inactive person who gave the right password, and leads to a page that says
    so: whoever tries passwords would learn there that one was right (OWASP ASVS 5.0, 6.3.8).
    """

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        return None
