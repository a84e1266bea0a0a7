"""A flow with all that a run of it needs: compiled, with its API calls and their credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from accounts.models import User
from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.exchange import Entry, Notify, Request, Response, Send
from dynamic.flow.outcome import Outcome
from dynamic.flow.program import Program
from dynamic.flow.runner import Hooks, Input, run
from dynamic.flow.state import Apis
from dynamic.models import ApiCall, Flow
from dynamic.models.call import callable_by
from dynamic.models.credential import default_credential
from dynamic.models.flow import published_sources
from dynamic.models.programs import compile_with_others
from dynamic.outbound.delivery import Delivery, Journey
from dynamic.outbound.route import Route
from dynamic.runs.drift import Expectations, of_flow
from dynamic.systems.notifying import notifier

_NO_HOOKS = Hooks()


@dataclass(frozen=True, slots=True)
class Runnable:
    version: int  # 0 for a draft
    program: Program
    flows: Mapping[str, Program]  # those that it runs, by slug
    calls: Apis
    routes: Mapping[tuple[str, str], Route]  # as the calls
    secrets: frozenset[str] = field(repr=False)  # every text form of the systems' credentials
    notify: Notify  # sends its mails
    expectations: Expectations | None = None  # of responses; a draft has none

    @property
    def reaches_out(self) -> bool:
        """Whether a run may leave a trace elsewhere: by a call, or by a mail."""
        mails = self.program.notifies or any(flow.notifies for flow in self.flows.values())
        return mails or bool(self.calls)

    async def run(
        self,
        given: Input,
        delivery: Delivery,
        journey: Journey,
        hooks: Hooks = _NO_HOOKS,
        trace: list[Entry] | None = None,
    ) -> Outcome:
        """Run it once, with calls and mails that are really made, until the journey's deadline.

        `trace` is a list to tell the steps in, for who reads them as they go.
        """
        send = self.sender(delivery, journey)
        deadline = journey.deadline or 0.0
        hooks = replace(hooks, notify=self.notify, trace=trace)
        return await run(self.program, self.calls, given, send, deadline, self.flows, hooks)

    def sender(self, delivery: Delivery, journey: Journey) -> Send:
        """What really makes its calls."""

        async def send(request: Request, attempts: list[Entry]) -> Response:
            route = self.routes[request.api, request.credential]
            return await delivery.send(request, route, journey, attempts)

        return send


def make_runnable(owner_id: int, slug: str, source: str, version: int = 0) -> Runnable:
    """Ask the database for what the document names, and compile it.

    Raises DocumentInvalid, ExpressionInvalid or ValueError where it cannot run.
    """
    callable_calls = callable_by(owner_id).prefetch_related("system__credentials")
    calls = {call.full_name: call for call in callable_calls}
    published = published_sources(owner_id)
    program, flows = compile_with_others(
        source, slug, calls.keys(), published, check_names=version == 0
    )
    uses = program.uses.union(*(flow.uses for flow in flows.values()))
    used = {use: _joined(calls[use[0]], use[1]) for use in uses}
    return Runnable(
        version=version,
        program=program,
        flows=flows,
        calls={use: call for use, (call, _) in used.items()},
        routes={use: route for use, (_, route) in used.items()},
        secrets=frozenset(text for _, route in used.values() for text in route.auth.secrets()),
        notify=notifier(User.objects.values_list("email", flat=True).get(pk=owner_id)),
        expectations=_expectations(owner_id, slug, program, flows, calls) if version else None,
    )


def _expectations(
    owner_id: int,
    slug: str,
    program: Program,
    flows: Mapping[str, Program],
    calls: Mapping[str, ApiCall],
) -> Expectations | None:
    programs = {**flows, slug: program}
    ids = Flow.objects.filter(owner=owner_id, slug__in=programs).values_list("slug", "pk")
    of_flows = {name: of_flow(pk, programs[name], calls) for name, pk in ids}
    expecting = {name: each for name, each in of_flows.items() if each.steps}
    return Expectations(slug, expecting) if expecting else None


def _joined(call: ApiCall, name: str) -> tuple[CompiledCall, Route]:
    credential = default_credential(call.system, name)
    return call.compile(call.base_url(credential)), call.route(credential)
