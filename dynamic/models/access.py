"""Which systems, flows and pipes an account may see or change: its own, and those shared with it.

Loading through here is the permission check. What an account may not see is as unknown to it as
what never was. While an owner's account is not active, nothing of theirs is shared.
"""

import re
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When

from dynamic.models.archiving import ArchivableQuerySet

OWNER = "owner"
EDITOR = "editor"
# How somebody else's system or flow is named: two owners may have the same slug.
_REF = re.compile(r"(?P<slug>[-\w]+)(?:@(?P<owner>[0-9]{1,9}))?", re.ASCII)


class SharedQuerySet(ArchivableQuerySet):
    """Of things that have an owner and may be shared."""

    def visible_to(self, account: Any) -> Self:
        """What the account owns or was given, each with its `role`: owner, editor or viewer."""
        return self._given(account, _shares_of(account))

    def editable_by(self, account: Any) -> Self:
        """What the account owns, or was given as an editor. Each with its `role`."""
        return self._given(account, _shares_of(account).filter(role=EDITOR))

    def named(self, ref: str) -> Self:
        """The one of what was asked for above that the account knows by this `ref`.

        With the owner's id it names the same to everybody, its owner as well: an address can be
        sent from one to another.
        """
        found = _REF.fullmatch(ref)
        if not found:
            return self.none()
        if found["owner"]:
            return self.filter(slug=found["slug"], owner_id=int(found["owner"]))
        return self.filter(slug=ref, role=OWNER)

    def _given(self, account: Any, shares: "models.QuerySet[Any]") -> Self:
        thing = self.model._meta.model_name or ""
        mine = shares.filter(**{thing: OuterRef("pk")})
        return self.filter(
            Q(owner=account) | Q(pk__in=shares.exclude(**{thing: None}).values(thing))
        ).annotate(
            role=Case(
                When(owner=account, then=Value(OWNER)),
                default=Subquery(mine.values("role")[:1]),
                output_field=models.CharField(),
            )
        )


class Shared:
    """What a system, a flow and a pipe have in common as things that may be shared."""

    owner_id: int
    slug: str

    @property
    def is_own(self) -> bool:
        """Whether it was loaded as its owner's: it was, unless `visible_to` found it shared."""
        return getattr(self, "role", OWNER) == OWNER

    @property
    def is_editable(self) -> bool:
        return getattr(self, "role", OWNER) in {OWNER, EDITOR}

    @property
    def ref(self) -> str:
        """The name by which the account that it was loaded for knows it, also in addresses."""
        return self.slug if self.is_own else f"{self.slug}@{self.owner_id}"


def _shares_of(account: Any) -> "models.QuerySet[Any]":
    # The models of shares point at those that are loaded through here.
    shares = apps.get_model("dynamic", "Share").objects
    return shares.filter(account=account, owner__is_active=True)
