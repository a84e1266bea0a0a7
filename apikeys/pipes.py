"""The pipes that keys of an account may be granted."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User


def callable_pipes(owner: User) -> QuerySet[Any]:
    """Those the account owns, and those shared with it to edit, by name.

    What a pipe is, is not known here: it is reached by the account's relation to its own.
    """
    pipes: QuerySet[Any] = owner.pipes.model.objects.editable_by(owner)
    return pipes.select_related("owner")


def label_of(pipe: Any) -> str:
    """Its name; with whose it is, where it was shared: two owners may have the same."""
    name = f"{pipe.name} (archived)" if pipe.archived_at else str(pipe.name)
    return name if pipe.is_own else f"{name} (of {pipe.owner.email})"
