"""The runs of a flow whose answers a simulation can play again."""

import re
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from dynamic.models import Flow, Pipe, Run, Simulation
from dynamic.simulating.setup import Setup

_RUN_ID = re.compile(r"[0-9a-f]{24}")
_RUNS = 15
_SIMULATIONS = 10  # looked at; those that were live are shown


def recordings(flow: Flow, account: User, wanted: Run | None = None) -> list[tuple[str, str]]:
    """Choices, the newest first of either: what `Setup.recording` holds, and words for it.

    A wanted run is among them however old it is.
    """
    pipes = Pipe.objects.visible_to(account).filter(flow=flow)
    few = list(_runs(flow, pipes).only("id", "started_at", "status", "pipe__name")[:_RUNS])
    if wanted is not None and wanted not in few:
        few.append(wanted)
    of_pipes = [
        (f"run:{run.pk}", f"{_at(run.started_at)}, {run.pipe.name}: {run.status}") for run in few
    ]
    return [*of_pipes, *_live(flow, account)]


def run_of(flow: Flow, account: User, pk: str) -> Run | None:
    """A run of this flow by its id, whatever text that is."""
    if not _RUN_ID.fullmatch(pk):
        return None
    # Its pipe may run another flow by now.
    return _runs(flow, Pipe.objects.visible_to(account)).filter(pk=pk).first()


def _runs(flow: Flow, pipes: "QuerySet[Pipe]") -> "QuerySet[Run]":
    """Who edits a flow need not see the runs of all pipes that run it."""
    runs = Run.objects.filter(owner=flow.owner_id, flow_id=flow.pk, pipe__in=pipes.values("pk"))
    return runs.select_related("pipe")


def _live(flow: Flow, account: User) -> list[tuple[str, str]]:
    return [
        (
            f"simulation:{simulation.pk}",
            f"{_at(simulation.created_at)}, a live simulation: {_status(simulation)}",
        )
        for simulation in flow.simulations.filter(owner=account)[:_SIMULATIONS]
        if simulation.turn and Setup.read(simulation.setup).is_live
    ]


def _status(simulation: Simulation) -> str:
    outcome = simulation.shown["outcome"]
    return str(outcome["status"]) if outcome else "not at its end"


def _at(moment: datetime) -> str:
    return f"{moment:%-d %b %Y, %H:%M:%S} UTC"
