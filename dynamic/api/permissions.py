"""What a key may do with systems and flows: a key calls pipes, it does not administrate."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apikeys.verify import Caller

# drf-spectacular takes OpenAPI's security requirements here, though its types name texts.
BY_SESSION: Any = [{"cookieAuth": []}]


class KeysOnlyRead(BasePermission):
    """Whoever finds a key changes no system with it, and sends nothing of his own to one."""

    things = "systems"

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, Caller):
            if request.method not in SAFE_METHODS:
                raise PermissionDenied(
                    f"A key cannot change or try {self.things}, it calls pipes; sign in.",
                    "insufficient_scope",
                )
            if request.auth.record.pipes is not None:
                raise PermissionDenied(
                    f"This key is limited to some pipes, so it may not read {self.things}.",
                    "insufficient_scope",
                )
        return bool(request.user and request.user.is_authenticated)


class KeysOnlyReadFlows(KeysOnlyRead):
    """The same: a flow decides what is sent to systems."""

    things = "flows"


class KeysLookAtTheirPipes(BasePermission):
    """A key reads the pipes that it may call; the view leaves the others out."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, Caller) and request.method not in SAFE_METHODS:
            raise PermissionDenied(
                "A key cannot change pipes, it calls them; sign in.", "insufficient_scope"
            )
        return bool(request.user and request.user.is_authenticated)


class NoKeys(BasePermission):
    """Credentials of systems: a key does not even learn which there are."""

    things = "the credentials of systems"

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, Caller):
            raise PermissionDenied(
                f"A key cannot see or change {self.things}; sign in.", "insufficient_scope"
            )
        return bool(request.user and request.user.is_authenticated)


class NoKeysForShares(NoKeys):
    """Whoever finds a key gives nobody access with it."""

    things = "who else has access"
