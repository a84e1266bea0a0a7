"""Which flows make an API call or run another flow: it cannot go while they do."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, Subquery

from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import Program, compile_flow
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


def flows_run_by(flow: Flow) -> frozenset[str]:
    """The slugs of the flows that its draft runs, or a version that a pipe may run."""
    return frozenset().union(*map(_run_by, _texts(flow)))


@dataclass(slots=True)
class Needs:
    """The slugs of flows, and of the systems whose API calls these make."""

    flows: set[str] = field(default_factory=set)
    systems: set[str] = field(default_factory=set)


def needed_by(flow: Flow) -> Needs:
    """The flow itself, and all that it needs, however far around."""
    needs, left = Needs(), [flow]
    while left:
        one = left.pop()
        needs.flows.add(one.slug)
        programs = [program for text in _texts(one) if (program := _compiled(text))]
        needs.systems |= {api.partition("/")[0] for each in programs for api, _ in each.uses}
        runs = {slug for each in programs for slug in each.runs} - needs.flows
        left += Flow.objects.filter(owner=flow.owner_id, slug__in=runs)
    return needs


def _runs(source: str, slug: str) -> bool:
    return slug in _run_by(source)


def _run_by(source: str) -> frozenset[str]:
    program = _compiled(source)
    return program.runs if program else frozenset()


def _compiled(source: str) -> Program | None:
    """None for a draft that is being written: it makes and runs nothing yet."""
    try:
        return compile_flow(source, None, check_names=False)
    except DocumentInvalid:
        return None
