"""Load a pipe with all that a call of it needs: compiled flow, API calls, opened credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import Program, compile_flow
from dynamic.models import ApiCall, FlowVersion, Pipe
from dynamic.outbound.auth import Authentication
from dynamic.outbound.client import Timeouts


@dataclass(frozen=True, slots=True)
class Route:
    """How calls of one system go out."""

    auth: Authentication = field(repr=False)
    timeouts: Timeouts


@dataclass(frozen=True, slots=True)
class Runnable:
    version: int
    program: Program
    calls: Mapping[str, CompiledCall]
    routes: Mapping[str, Route]  # by the name of the API call
    secrets: frozenset[str] = field(repr=False)  # every text form of the systems' credentials


@dataclass(frozen=True, slots=True)
class PipeRecord:
    """A pipe as the workers keep it in memory. `fault` says why it cannot run, where it cannot."""

    pipe_id: str
    owner_id: int
    enabled: bool
    methods: frozenset[str]
    deadline: float  # seconds
    body_limit: int  # bytes
    runnable: Runnable | None
    fault: str


def load(pipe_id: str) -> PipeRecord | None:
    """Three queries: the pipe with its version, its API calls, their credentials."""
    pipe = Pipe.objects.select_related("flow", "pinned").filter(pk=pipe_id).first()
    if pipe is None:
        return None
    runnable, fault = None, ""
    try:
        runnable = _runnable(pipe)
    except (DocumentInvalid, ExpressionInvalid, ValueError) as error:
        fault = str(error)
    methods = set(pipe.methods)
    return PipeRecord(
        pipe_id=pipe.id,
        owner_id=pipe.owner_id,
        enabled=pipe.enabled,
        methods=frozenset(methods | {"HEAD"} if "GET" in methods else methods),
        deadline=float(pipe.deadline),
        body_limit=pipe.body_limit,
        runnable=runnable,
        fault=fault,
    )


def _runnable(pipe: Pipe) -> Runnable:
    version: FlowVersion | None = pipe.pinned or pipe.flow.latest
    if version is None:
        raise ValueError("The flow of this pipe has no published version yet.")
    calls = {
        call.full_name: call
        for call in ApiCall.objects.filter(system__owner=pipe.owner_id)
        .select_related("system")
        .prefetch_related("system__credentials")
    }
    program = compile_flow(version.source, calls.keys())
    used = {name: calls[name] for name in program.api_names}
    routes = {name: _route(call) for name, call in used.items()}
    return Runnable(
        version=version.number,
        program=program,
        calls={name: call.compile() for name, call in used.items()},
        routes=routes,
        secrets=frozenset(text for route in routes.values() for text in route.auth.secrets()),
    )


def _route(call: ApiCall) -> Route:
    system = call.system
    credential = next(iter(system.credentials.all()), None)
    timeouts = Timeouts(connect=system.connect_timeout, read=system.read_timeout)
    return Route(system.authentication(credential), timeouts)
