"""What the account that asks may do with a thing, told to it, and held to it."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from dynamic.models.access import OWNER, Shared

CODE = "insufficient_role"
# Names of the fields below, for a serializer's Meta.
ROLE = ("role", "owner")
REF_AND_ROLE = ("ref", *ROLE)


class ByRole(BasePermission):
    """Who sees a thing may read it, an editor may change it; `owner_alone` of the view names the
    actions that are its owner's.

    What is within a thing (a system's calls) is loaded through it, and so was asked about already.
    """

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        if request.method in SAFE_METHODS or not isinstance(obj, Shared):
            return True
        if view.action in getattr(view, "owner_alone", ()):
            require_own(obj)
        elif not obj.is_editable:
            raise PermissionDenied(f"“{obj}” was shared with you to see, not to change.", CODE)
        return True


class OwnersAlone(BasePermission):
    """For what only the owner of a thing even sees."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        if isinstance(obj, Shared):
            require_own(obj)
        return True


def require_own(thing: Shared) -> None:
    """Raise PermissionDenied where who asks has the thing from somebody else."""
    if not thing.is_own:
        raise PermissionDenied(f"Only the owner of “{thing}” may do this.", CODE)


class RoleFields(serializers.Serializer[Any]):
    """Fields of a thing that was loaded by `visible_to`; one that was just made is its maker's."""

    role = serializers.CharField(
        read_only=True, default=OWNER, help_text="Yours: owner, editor or viewer."
    )
    owner = serializers.EmailField(
        source="owner.email", read_only=True, help_text="The address of whose it is."
    )


class RefFields(RoleFields):
    ref = serializers.CharField(
        read_only=True,
        help_text="Its name in addresses: its slug, and slug@<owner's id> where it is shared.",
    )
