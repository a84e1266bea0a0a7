"""The runs of a flow whose answers a simulation can play again."""

from datetime import datetime

from dynamic.models import Flow, Run, Simulation
from dynamic.simulating.setup import Setup

_RUNS = 15
_SIMULATIONS = 10  # looked at; those that were live are shown


def recordings(flow: Flow) -> list[tuple[str, str]]:
    """Choices, the newest first of either: what `Setup.recording` holds, and words for it."""
    runs = Run.objects.filter(owner=flow.owner_id, pipe__flow=flow).select_related("pipe")
    few = runs.only("id", "started_at", "status", "pipe__name")[:_RUNS]
    of_pipes = [
        (f"run:{run.pk}", f"{_at(run.started_at)}, {run.pipe.name}: {run.status}") for run in few
    ]
    return [*of_pipes, *_live(flow)]


def _live(flow: Flow) -> list[tuple[str, str]]:
    return [
        (
            f"simulation:{simulation.pk}",
            f"{_at(simulation.created_at)}, a live simulation: {_status(simulation)}",
        )
        for simulation in flow.simulations.all()[:_SIMULATIONS]
        if simulation.turn and Setup.read(simulation.setup).is_live
    ]


def _status(simulation: Simulation) -> str:
    outcome = simulation.shown["outcome"]
    return str(outcome["status"]) if outcome else "not at its end"


def _at(moment: datetime) -> str:
    return f"{moment:%-d %b %Y, %H:%M:%S} UTC"
