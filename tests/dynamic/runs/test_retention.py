"""Runs are kept as long as their pipes want, and forgotten in the background and by command."""

import io
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from dynamic.models import AsyncCall, Run
from dynamic.runs import retention
from dynamic.runs.background import Pruning
from dynamic.runs.retention import prune
from tests.dynamic.history import pipe_of, run_of, stored

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nobody_has_pruned(db):
    cache.clear()
    yield
    cache.clear()


def ages_of(pipe):
    """In whole days, the newest first."""
    return [(timezone.now() - run.started_at).days for run in pipe.runs.all()]


def with_runs(owner, name, days, **fields):
    pipe = pipe_of(owner, name, **fields)
    stored(*(run_of(pipe, day * DAY) for day in days))
    return pipe


def pruned(**more):
    return {each.pipe.name: each.count for each in prune(timezone.now(), **more)}


def test_it_forgets_by_age_and_by_number_pipe_by_pipe(alice):
    by_age = with_runs(alice, "Age", [1, 5, 9, 11, 12], keep_days=10)
    by_number = with_runs(alice, "Number", [0, 1, 2, 30], keep_days=0, keep_runs=2)
    by_both = with_runs(alice, "Both", [0, 1, 20], keep_days=10, keep_runs=1)
    few = with_runs(alice, "Few", [1, 2], keep_days=0, keep_runs=10)
    for_ever = with_runs(alice, "Ever", [4000], keep_days=0)
    assert pruned() == {"Age": 2, "Number": 2, "Both": 2}
    assert ages_of(by_age) == [1, 5, 9]
    assert ages_of(by_number) == [0, 1]
    assert ages_of(by_both) == [0]
    assert (ages_of(few), ages_of(for_ever)) == ([1, 2], [4000])
    assert pruned() == {}


def test_it_goes_in_small_batches_and_stops_when_told(alice, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    pipe = with_runs(alice, "Age", [20] * 7, keep_days=10)
    told = iter([False, True, True])
    assert pruned(stopping=lambda: next(told)) == {"Age": 3}
    assert pipe.runs.count() == 4
    assert pruned() == {"Age": 4}


def test_it_leaves_what_may_still_run(alice):
    pipe = pipe_of(alice, keep_days=0, keep_runs=1)
    under_way = run_of(pipe, timedelta(minutes=5), status="running")
    stored(under_way, run_of(pipe), run_of(pipe, 2 * DAY, status="running"))
    assert pruned() == {"Orders": 1}
    assert pipe.runs.filter(pk=under_way.pk).exists()


def test_it_leaves_what_its_caller_may_still_ask_for(alice):
    pipe = pipe_of(alice, keep_days=1, keep_runs=1)
    promised = run_of(pipe, 3 * DAY)
    stored(promised, run_of(pipe, 3 * DAY), run_of(pipe))
    call = AsyncCall.objects.create(
        run_id=promised.pk, pipe=pipe, given={}, expires_at=timezone.now() + DAY
    )
    assert pruned() == {"Orders": 1}
    assert pipe.runs.filter(pk=promised.pk).exists()
    call.delete()
    assert pruned() == {"Orders": 1}


def test_it_is_done_once_an_hour_by_one_process(alice):
    pipe = with_runs(alice, "Age", [20], keep_days=10)
    first, second = Pruning(), Pruning()
    first.round()
    assert not pipe.runs.exists()
    stored(run_of(pipe, 20 * DAY))
    second.round()
    assert pipe.runs.exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_it_can_be_done_by_command(alice, dry_run):
    pipe = with_runs(alice, "Age", [20, 20, 0], keep_days=10)
    out = io.StringIO()
    call_command("runs", "prune", "--json", *(["--dry-run"] if dry_run else []), stdout=out)
    rows = [{"pipe": pipe.pk, "name": "Age", "runs": 2}]
    assert json.loads(out.getvalue()) == {"deleted": not dry_run, "pipes": rows}
    assert Run.objects.count() == (3 if dry_run else 1)


def test_it_says_when_nothing_is_to_be_forgotten(alice):
    out = io.StringIO()
    call_command("runs", "prune", stdout=out)
    assert out.getvalue() == "Every run is still to be kept.\n"
