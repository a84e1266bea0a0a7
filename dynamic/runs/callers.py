"""Whose a run is: its pipe's owner's; and its caller's, who may be somebody else with a key."""

from django.db.models import Q, QuerySet

from accounts.models import User
from dynamic.models import Pipe, Run


def called_by(account: User) -> "QuerySet[Run]":
    """The runs that keys of this account called, of pipes that it still sees: their answers, as
    they went out, are for no other eyes.
    """
    return Run.objects.filter(_called_by(account))


def cancellable_by(account: User) -> "QuerySet[Run]":
    """Those, and all of its own pipes."""
    return Run.objects.filter(Q(owner=account) | _called_by(account))


def _called_by(account: User) -> Q:
    keys = account.keys.values("public_id")
    pipes = Pipe.objects.visible_to(account).values("pk")
    return Q(key_public_id__in=keys, pipe__in=pipes)
