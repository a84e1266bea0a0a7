"""Who may do what with keys over REST."""

from typing import Any

from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import passwords
from accounts.hashers import TooBusy
from apikeys.verify import Caller

LOCKED_FOR = 300  # seconds; of settings.ACCOUNT_RATE_LIMITS["login_failed"]


class PersonOnly(BasePermission):
    """A key cannot make, change, list or end keys: whoever finds one gets no further."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, Caller):
            raise PermissionDenied(
                "A key cannot manage keys; sign in. It may read /v1/account/api-keys/self/.",
                "insufficient_scope",
            )
        return bool(request.user and request.user.is_authenticated)


class KeyOnly(BasePermission):
    message = "Send a key: this tells about the key that asks."

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, Caller)


class LockedOut(APIException):
    status_code = 429
    default_code = "too_many_attempts"

    def __init__(self, locked: passwords.LockedOut) -> None:
        super().__init__(str(locked))
        self.headers = {"Retry-After": str(LOCKED_FOR)}


class Busy(APIException):
    status_code = 503
    default_code = "unavailable"

    def __init__(self, busy: TooBusy) -> None:
        super().__init__(str(busy))
        self.headers = {"Retry-After": str(busy.retry_after)}


def confirm_password(request: Request, password: str) -> None:
    """Raise 403 `wrong_password`, 429 where too many were, 503 where too many come at once."""
    try:
        right = passwords.confirm(request._request, password)
    except passwords.LockedOut as locked:
        raise LockedOut(locked) from None
    except TooBusy as busy:
        raise Busy(busy) from None
    if not right:
        raise PermissionDenied("This is not the password of your account.", "wrong_password")
