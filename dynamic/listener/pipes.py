"""Load a pipe with all that a call of it needs: compiled flow, API calls, opened credentials."""

from dataclasses import dataclass, field

from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import DocumentInvalid
from dynamic.listener.answers import CacheRules
from dynamic.models import FlowVersion, Pipe, Role
from dynamic.models.pipe import FailureMode
from dynamic.runs.bodies import Keeping
from dynamic.systems.runnable import Runnable, make_runnable


@dataclass(frozen=True, slots=True)
class PipeRecord:
    """A pipe as the workers keep it in memory. `fault` says why it cannot run, where it cannot."""

    pipe_id: str
    owner_id: int
    flow_id: int
    callers: frozenset[int]  # the accounts whose keys may call it
    archived: bool
    enabled: bool
    methods: frozenset[str]
    deadline: float  # seconds
    body_limit: int  # bytes
    keeping: Keeping  # what of its runs is stored
    compat: bool  # failures of runs are 200 with an envelope
    calls_a_minute: int  # 0 for no limit
    at_once: int  # 0 for no limit
    cache: CacheRules | None
    runnable: Runnable | None
    fault: str
    callback_secret: str = field(repr=False)  # "" for none


def load(pipe_id: str) -> PipeRecord | None:
    """The pipe with its version, its owner's flows and API calls, their credentials."""
    pipe = Pipe.objects.select_related("owner", "flow", "pinned").filter(pk=pipe_id).first()
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
        flow_id=pipe.flow_id,
        callers=_callers(pipe),
        archived=pipe.archived_at is not None,
        enabled=pipe.enabled,
        methods=frozenset(methods | {"HEAD"} if "GET" in methods else methods),
        deadline=float(pipe.deadline),
        body_limit=pipe.body_limit,
        keeping=Keeping(pipe.keep_bodies, frozenset(map(str.lower, pipe.redact_names))),
        compat=pipe.failure_mode == FailureMode.COMPAT,
        calls_a_minute=pipe.calls_a_minute,
        at_once=pipe.at_once,
        cache=_cache_rules(pipe),
        runnable=runnable,
        fault=fault,
        callback_secret=pipe.callback_secret,
    )


def _callers(pipe: Pipe) -> frozenset[int]:
    """Nobody calls for an owner who is switched off: flows run with their owner's systems."""
    if not pipe.owner.is_active:
        return frozenset()
    editors = pipe.shares.filter(role=Role.EDITOR).values_list("account_id", flat=True)
    return frozenset({pipe.owner_id, *editors})


def _cache_rules(pipe: Pipe) -> CacheRules | None:
    if not pipe.cache_seconds:
        return None
    headers = tuple(name.lower() for name in pipe.cache_headers)
    return CacheRules(pipe.cache_seconds, headers, pipe.cache_shared)


def _runnable(pipe: Pipe) -> Runnable:
    version: FlowVersion | None = pipe.pinned or pipe.flow.latest
    if version is None:
        raise ValueError("The flow of this pipe has no published version yet.")
    return make_runnable(pipe.owner_id, pipe.flow.slug, version.source, version.number)
