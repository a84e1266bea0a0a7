"""What a key may do and has never done: told to its owner, and dropped on request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from apikeys.models import Key, KeyUse
from apikeys.pipes import callable_pipes, label_of


@dataclass(frozen=True)
class Unused:
    """Grants that no call has needed, by this key or the one it replaced, since `since`."""

    since: datetime
    calls: int
    pipes: dict[str, str]  # id -> name
    read: bool
    write: bool

    def __bool__(self) -> bool:
        return bool(self.pipes or self.read or self.write)


def unused(key: Key) -> Unused | None:
    """None for a key that has not been used at all: of it there is nothing to be learned."""
    uses = _uses(key)
    if not uses:
        return None
    called = {pipe for use in uses for pipe in use.pipes}
    granted = _granted(key)
    reads = any(use.read_at for use in uses)
    writes = any(use.write_at for use in uses)
    return Unused(
        since=min(use.key.created_at for use in uses),
        calls=sum(use.count for use in uses),
        pipes={pipe.pk: label_of(pipe) for pipe in granted.exclude(pk__in=called)},
        read=key.can_read and not reads,
        write=key.can_write and not writes,
    )


def narrow(key: Key, actor: User | None, address: str = "") -> bool:
    """Drop what was never used; False where there is nothing to drop.

    A key that had all pipes that its owner may call is left with those that it has called, by name.
    """
    found = unused(key)
    if not found:
        return False
    values: dict[str, Any] = {}
    if found.pipes:
        kept = _granted(key).exclude(pk__in=found.pipes)
        values["pipes"] = sorted(kept.values_list("pk", flat=True))
    if found.read:
        values["can_read"] = False
    if found.write:
        values["can_write"] = False
    return key.change(actor, address, **values)


def _granted(key: Key) -> QuerySet[Any]:
    pipes = callable_pipes(key.owner)
    return pipes if key.pipes is None else pipes.filter(pk__in=key.pipes)


def _uses(key: Key) -> list[KeyUse]:
    keys = [key.pk, key.predecessor_id]
    return list(KeyUse.objects.filter(key__in=[pk for pk in keys if pk]).select_related("key"))
