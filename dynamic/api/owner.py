"""Whose things a request is about: loading them is the permission check."""

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.models import User
from apikeys.verify import Caller
from dynamic.models import System
from dynamic.models.access import OWNER
from dynamic.models.askable import askable

SLUG = "[-a-zA-Z0-9_]+"
REF = "[-a-zA-Z0-9_]+(?:@[0-9]{1,9})?"  # of `dynamic.models.access.Shared.ref`
IN_PATH = {"type": "string", "pattern": f"^{REF}$"}  # such a name, for the OpenAPI description
SHARED = OpenApiParameter(
    "shared", bool, description="Those that others share with you, or your own."
)


def owner(request: Request) -> User:
    return cast(User, request.user)


def granted(request: Request) -> frozenset[str] | None:
    """The pipes a key is limited to; None for all, and for a person signed in."""
    return request.auth.record.pipes if isinstance(request.auth, Caller) else None


def permitted(view: Any, things: QuerySet[Any]) -> Any:
    """The one of these things, where who asks may do with it what the view does.

    Raises Http404, and PermissionDenied by `dynamic.api.roles`.
    """
    thing = get_object_or_404(things)
    view.check_object_permissions(view.request, thing)
    return thing


def by_ref(view: Any) -> Any:
    """What the address of a system or a flow names; raises as `permitted`."""
    return permitted(view, view.get_queryset().named(view.kwargs["slug"]))


def system_of(view: Any) -> System:
    """The system that the address names; raises as `permitted`."""
    systems = System.objects.visible_to(owner(view.request))
    system: System = permitted(view, systems.named(view.kwargs["system_slug"]))
    return system


def whose(serializer: Any) -> User:
    """Whose the thing is that a serializer writes: what is made is of who asks."""
    thing = serializer.instance
    return cast(User, thing.owner) if thing else owner(serializer.context["request"])


def shared_or_own(request: Request, things: Any) -> Any:
    """By the parameter `shared`: those of others, one's own, or both."""
    shared = flag(request, "shared")
    if shared is None:
        return things
    return things.exclude(role=OWNER) if shared else things.filter(role=OWNER)


def words(request: Request) -> list[str]:
    """Those of the parameter `q`."""
    return askable(request.query_params.get("q", "")).split()


def flag(request: Request, name: str) -> bool | None:
    """A parameter that is `true` or `false`; None where it was not sent."""
    match request.query_params.get(name, ""):
        case "":
            return None
        case "true":
            return True
        case "false":
            return False
    raise ValidationError({name: ["It is true or false."]})
