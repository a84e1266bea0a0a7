"""Replay a run: what came in once more, with the answers it got for mocks, or live."""

from typing import Any

from dynamic.models import FlowVersion, Run, Simulation
from dynamic.runs.bodies import lacks_bodies
from dynamic.simulating.advancing import begin, go_on
from dynamic.simulating.setup import RECORDED, Choice, Setup
from dynamic.simulating.stops import Stop
from dynamic.systems.runnable import make_runnable


class CannotReplay(Exception):
    """`str(error)` says why; nothing was run."""


def setup_of(run: Run, source: str, apis: list[str], *, is_live: bool = False) -> Setup:
    """What replays a run with a document that makes these API calls. The run has its bodies."""
    return Setup(
        source=source,
        payload=run.input["payload"],
        method="GET" if run.method == "HEAD" else run.method,
        query=run.input["query"],
        headers=run.input["headers"],
        is_live=is_live,
        recording=f"run:{run.pk}",
        mocks={api: Choice(RECORDED) for api in apis},
    )


def replay(run: Run, *, is_live: bool) -> dict[str, Any]:
    """The run again, by the flow's version that it was made with: `{status, http_status, headers,
    body, message, problems, data, trace, simulation}`, secrets masked. It may be looked at for a
    day among the simulations of the flow.

    Raises CannotReplay, and what keeps a document from running: DocumentInvalid, ExpressionInvalid,
    ValueError. Not for a thread that has an event loop.
    """
    if lacks_bodies(run.input):
        raise CannotReplay("What came in was not kept: its pipe keeps no bodies of such runs.")
    version = version_of(run)
    if version is None:
        raise CannotReplay("The version of the flow that it was made with is not there.")
    flow, source = version.flow, version.source
    calls = make_runnable(flow.owner_id, flow.slug, source).calls
    setup = setup_of(run, source, sorted({api for api, _ in calls}), is_live=is_live)
    simulation = begin(flow, flow.owner_id, setup)
    go_on(simulation, 0, Stop(), {})
    return _told(simulation)


def version_of(run: Run) -> FlowVersion | None:
    """The version of the flow that a run was made with."""
    if run.flow_id is None or run.flow_version is None:
        return None
    versions = FlowVersion.objects.filter(flow_id=run.flow_id, number=run.flow_version)
    return versions.select_related("flow").first()


def _told(simulation: Simulation) -> dict[str, Any]:
    shown = simulation.shown
    if shown["outcome"] is None:
        raise CannotReplay(shown["fault"])
    return {**shown["outcome"], "trace": shown["trace"], "simulation": simulation.pk}
