"""A simulation begins, and goes on from where it stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
from django.db.models import Q
from django.utils import timezone

from dynamic.flow.problems import DocumentInvalid, ExpressionInvalid
from dynamic.models import Flow, Simulation
from dynamic.models.flow import published_sources
from dynamic.models.simulation import forget_old
from dynamic.simulating import progress as progress_
from dynamic.simulating import terms
from dynamic.simulating.documents import Documents
from dynamic.simulating.live import walk_live
from dynamic.simulating.mocked import walk_mocked
from dynamic.simulating.progress import Progress
from dynamic.simulating.setup import Setup, mocks_of
from dynamic.simulating.stops import Stop
from dynamic.simulating.terms import Walked
from dynamic.systems.runnable import Runnable, make_runnable

SECONDS = 30  # that going on may take, as a pipe's deadline
MOST_BYTES = 16 * 2**20  # that are kept of a run which stands between two steps
_LONGEST_TURN = timedelta(seconds=3 * SECONDS)  # then whoever went on with it has died

_TOO_LARGE = (
    f"What the systems answered is more than {MOST_BYTES // 2**20} MB, too much to be kept until "
    "you go on. Run it to the end in one go."
)
_UNWRITABLE = "It gives what JSON cannot hold: too deep, or not valid Unicode."


class CannotGoOn(Exception):
    """`str(error)` says why; the simulation stands where it stood."""


def begin(flow: Flow, account_id: int, setup: Setup) -> Simulation:
    """A simulation of which nothing has been run, the account's own. Older ones may be deleted by
    it."""
    simulation = Simulation(owner_id=account_id, flow=flow)
    simulation.setup = setup.as_dict()
    simulation.progress = Progress().as_dict()
    simulation.shown = progress_.nothing_shown()
    simulation.save()
    forget_old(account_id)
    return simulation


def go_on(simulation: Simulation, turn: int, stop: Stop, edits: dict[str, Any]) -> None:
    """Go on until it is to stop, with the edited values by name, and keep how far it came.

    `turn` is what the page showed that asks for it. Raises CannotGoOn. Not for a thread that has
    an event loop.
    """
    with _taken(simulation.pk, turn):
        simulation.refresh_from_db()
        setup = Setup.read(simulation.setup)
        progress = Progress.read(simulation.progress)
        if progress.has_ended:
            raise CannotGoOn("It has ended.")
        progress.edit(edits)
        runnable = _runnable(simulation, setup)
        walked = _walk(simulation, setup, runnable, progress, stop)
        if walked.diverged:
            raise CannotGoOn(f"It does not go as before: {walked.diverged}")
        progress.come_to(walked)
        simulation.progress, simulation.shown = _kept(progress, walked, runnable)
        simulation.turn = turn + 1
        simulation.save(update_fields=["progress", "shown", "turn"])


@contextmanager
def _taken(pk: int, turn: int) -> Iterator[None]:
    """Have it for oneself: two who go on at once must not make a call twice."""
    now = timezone.now()
    mine = Simulation.objects.filter(pk=pk)
    free = mine.filter(Q(busy_until=None) | Q(busy_until__lt=now), turn=turn)
    if not free.update(busy_until=now + _LONGEST_TURN):
        raise CannotGoOn("It has gone on meanwhile, or is doing so: this is where it stands now.")
    try:
        yield
    finally:
        mine.update(busy_until=None)


def _runnable(simulation: Simulation, setup: Setup) -> Runnable:
    try:
        return make_runnable(simulation.flow.owner_id, simulation.flow.slug, setup.source)
    except (DocumentInvalid, ExpressionInvalid, ValueError) as error:
        raise CannotGoOn(f"The flow cannot run any more. {error}") from None


def _walk(
    simulation: Simulation, setup: Setup, runnable: Runnable, progress: Progress, stop: Stop
) -> Walked:
    owner_id = simulation.flow.owner_id
    documents = Documents(setup.source, published_sources(owner_id) if runnable.flows else {})
    flow = terms.Flow(runnable.program, runnable.calls, runnable.flows, setup.input(), documents)
    if setup.is_live:
        walked, secrets = walk_live(runnable, flow, progress.past(), stop, SECONDS)
        progress.secrets |= secrets
        return walked
    mocks = mocks_of(setup, simulation, runnable.calls)
    return walk_mocked(flow, mocks, progress.past(), stop, SECONDS)


def _kept(progress: Progress, walked: Walked, runnable: Runnable) -> tuple[Any, Any]:
    """What the row keeps. Where that is too much, or no JSON, the simulation ends here."""
    kept = progress.as_dict()
    shown = progress_.shown(walked, progress.secrets | runnable.secrets)
    try:
        size = len(orjson.dumps(kept))
        orjson.dumps(shown)
    except (TypeError, ValueError, RecursionError):
        kept, shown = {}, progress_.nothing_shown(_UNWRITABLE)
    else:
        if size <= MOST_BYTES:
            return kept, shown
        shown["standing"], shown["fault"] = None, _TOO_LARGE
    return Progress(has_ended=True).as_dict(), shown
