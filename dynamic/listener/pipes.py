"""Load a pipe with all that a call of it needs: compiled flow, API calls, opened credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dynamic.flow.api_call import ApiCall as CompiledCall
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import Program, compile_flow
from dynamic.flow.state import Apis
from dynamic.models import ApiCall, FlowVersion, Pipe
from dynamic.models.credential import default_credential
from dynamic.outbound.route import Route


@dataclass(frozen=True, slots=True)
class Runnable:
    version: int
    program: Program
    calls: Apis
    routes: Mapping[tuple[str, str], Route]  # as the calls
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
        for call in ApiCall.objects.filter(
            system__owner=pipe.owner_id, system__archived_at=None, active=True
        )
        .select_related("system")
        .prefetch_related("system__credentials")
    }
    program = compile_flow(version.source, calls.keys())
    used = {use: _joined(calls[use[0]], use[1]) for use in program.uses}
    return Runnable(
        version=version.number,
        program=program,
        calls={use: call for use, (call, _) in used.items()},
        routes={use: route for use, (_, route) in used.items()},
        secrets=frozenset(text for _, route in used.values() for text in route.auth.secrets()),
    )


def _joined(call: ApiCall, name: str) -> tuple[CompiledCall, Route]:
    credential = default_credential(call.system, name)
    return call.compile(call.base_url(credential)), call.route(credential)
