"""Put a system, a flow or a pipe away, and bring it back. Nothing of it is lost meanwhile."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from dynamic.models import Flow, Pipe, System
from dynamic.systems.mentions import flows_run_by, flows_that_run


class ArchiveRefused(Exception):
    """`str(error)` says why, and what to do first; nothing is changed. `code` is for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Users:
    """What uses a flow, so that it cannot be archived. Of those that are archived, none does."""

    pipes: list[Pipe]
    flows: list[Flow]

    def __bool__(self) -> bool:
        return bool(self.pipes or self.flows)


def users_of(flow: Flow) -> Users:
    pipes = flow.pipes.current().order_by("name", "id")
    return Users(list(pipes), [one for one in flows_that_run(flow) if not one.archived_at])


def archive(thing: System | Flow | Pipe) -> None:
    """What is archived already stays as it is.

    Raises ArchiveRefused for a flow that is used.
    """
    if thing.archived_at:
        return
    with transaction.atomic():
        if isinstance(thing, Flow):
            _lock_flows(thing.owner_id)
            require_unused(thing)
        _set(thing, archived=True)


def restore(thing: System | Flow | Pipe) -> None:
    """Raises ArchiveRefused for a flow or a pipe that runs a flow that is archived."""
    if not thing.archived_at:
        return
    with transaction.atomic():
        if not isinstance(thing, System):
            _lock_flows(thing.owner_id)
            require_restorable(thing)
        _set(thing, archived=False)


def require_unused(flow: Flow) -> None:
    """Raises ArchiveRefused, naming the pipes and the flows that run it."""
    users = users_of(flow)
    if users:
        pipes = [f"the pipe “{pipe}”" for pipe in users.pipes]
        flows = [f"the flow {other.slug}" for other in users.flows]
        named = ", ".join([*pipes, *flows])
        raise ArchiveRefused(
            "in_use",
            f"The flow {flow.slug} is run by {named}. Archive these first, or let them run "
            "another flow.",
        )


def require_restorable(thing: Flow | Pipe) -> None:
    """Raises ArchiveRefused, naming the flows that it runs and that are archived."""
    flows = Flow.objects.filter(owner=thing.owner_id).archived()
    if isinstance(thing, Pipe):
        flows = flows.filter(pk=thing.flow_id)
    else:
        flows = flows.filter(slug__in=flows_run_by(thing)).exclude(pk=thing.pk)
    if slugs := ", ".join(flows.order_by("slug").values_list("slug", flat=True)):
        raise ArchiveRefused(
            "flow_archived",
            f"“{thing}” runs what is archived. Restore this first, among your flows: {slugs}.",
        )


def _lock_flows(owner_id: int) -> None:
    """Publishing locks its flow, too: who runs which does not change between look and change."""
    flows = Flow.objects.filter(owner=owner_id).order_by("pk").select_for_update()
    list(flows.values_list("pk"))


def _set(thing: System | Flow | Pipe, *, archived: bool) -> None:
    thing.archived_at = timezone.now() if archived else None
    thing.save(update_fields=["archived_at"])
