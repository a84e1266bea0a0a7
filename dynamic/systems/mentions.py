"""Which flows make an API call or run another flow: it cannot go while they do."""

from collections.abc import Iterator

from django.db.models import OuterRef, Q, Subquery

from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.models import ApiCall, Flow, FlowVersion


def flows_that_make(call: ApiCall) -> list[Flow]:
    """Those whose draft makes it, or a version that a pipe may run: the latest and the pinned."""
    flows = Flow.objects.filter(owner=call.system.owner_id)
    name = call.full_name
    return [flow for flow in flows if any(_makes(text, name) for text in _texts(flow))]


def _texts(flow: Flow) -> Iterator[str]:
    yield flow.draft
    latest = FlowVersion.objects.filter(flow=OuterRef("flow")).order_by("-number")
    pinned = flow.pipes.exclude(pinned=None).values("pinned")
    yield from flow.versions.filter(
        Q(pk__in=pinned) | Q(pk=Subquery(latest.values("pk")[:1]))
    ).values_list("source", flat=True)


def _makes(source: str, name: str) -> bool:
    try:
        uses = compile_flow(source, None, check_names=False).uses
    except DocumentInvalid:  # a draft that is being written: rather one flow too many
        return name in source
    return any(api == name for api, _ in uses)


def flows_that_run(flow: Flow) -> list[Flow]:
    """The owner's other flows whose draft runs it, or a version that a pipe may run."""
    others = Flow.objects.filter(owner=flow.owner_id).exclude(pk=flow.pk)
    return [other for other in others if any(_runs(text, flow.slug) for text in _texts(other))]


def _runs(source: str, slug: str) -> bool:
    try:
        return slug in compile_flow(source, None, check_names=False).runs
    except DocumentInvalid:  # a draft that is being written: nothing runs it yet
        return False
