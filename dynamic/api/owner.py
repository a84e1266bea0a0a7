"""Whose things a request is about: loading them is the permission check."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.models import User
from apikeys.verify import Caller
from dynamic.models import System

SLUG = "[-a-zA-Z0-9_]+"


def owner(request: Request) -> User:
    return cast(User, request.user)


def granted(request: Request) -> frozenset[str] | None:
    """The pipes a key is limited to; None for all, and for a person signed in."""
    return request.auth.record.pipes if isinstance(request.auth, Caller) else None


def system_of(view: Any) -> System:
    """The system whose slug stands in the address. Raises Http404."""
    return get_object_or_404(owner(view.request).systems, slug=view.kwargs["system_slug"])


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
