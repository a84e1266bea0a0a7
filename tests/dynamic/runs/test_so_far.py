"""How a run stands while it goes on is stored, and never over its end."""

import asyncio

import pytest
from django.utils import timezone

from dynamic.models import Run
from dynamic.models.run import new_run_id
from dynamic.runs import recorder as recording
from dynamic.runs.recorder import Recorder
from dynamic.runs.storing import FinishedRun, store

HALF = [{"step": "a", "kind": "set"}]
WHOLE = [*HALF, {"step": "b", "kind": "set"}]


@pytest.fixture
def row(workshop):
    pipe = workshop.pipe("version: 1\nsteps:\n  - return: {body: 1}\n")
    return {
        **{"id": new_run_id(), "owner_id": pipe.owner_id, "pipe_id": pipe.id, "method": "GET"},
        **{"key_public_id": "0" * 10, "request_id": "r", "address": None, "flow_version": 1},
        **{"http_status": None, "message": "", "started_at": timezone.now(), "answer": None},
        **{"ms": 1.0, "input": {"query": {}, "headers": {}, "payload": None}},
    }


def so_far(row, trace, **more):
    changed = {**row, "status": "running", "trace": trace, **more}
    return FinishedRun(changed, frozenset(), is_progress=True)


def end(row, trace, status="success"):
    changed = {**row, "status": status, "http_status": 200, "trace": trace, "answer": 1, "ms": 9.0}
    return FinishedRun(changed, frozenset())


def stored():
    run = Run.objects.get()
    return run.status, run.http_status, run.ms, run.trace


def test_it_stores_one_of_which_nothing_was_stored_and_goes_on(row):
    store([so_far(row, HALF)])
    assert stored() == ("running", None, 1.0, HALF)
    store([so_far(row, WHOLE, ms=2.0)])
    assert stored() == ("running", None, 2.0, WHOLE)
    store([end(row, WHOLE)])
    assert stored() == ("success", 200, 9.0, WHOLE)


@pytest.mark.parametrize("status", ["success", "unknown", "cancelled"])
def test_it_leaves_what_has_ended_as_it_is(row, status):
    store([end(row, WHOLE, status)])
    store([so_far(row, HALF)])
    assert stored() == (status, 200, 9.0, WHOLE)


def test_it_keeps_what_was_answered_before_the_end(row):
    answered = {**row, "status": "running", "http_status": 202, "trace": [], "answer": {"a": 1}}
    store([FinishedRun(answered, frozenset())])
    store([so_far(row, HALF)])
    run = Run.objects.get()
    assert (run.http_status, run.answer, run.trace) == (202, {"a": 1}, HALF)


def test_it_takes_the_end_of_those_in_one_batch(row):
    async def work():
        recorder = Recorder()
        recorder.open()
        recorder.note(so_far(row, HALF))
        recorder.note(so_far(row, WHOLE))
        await recorder.add(end(row, WHOLE), wait=False)
        await recorder.close()

    asyncio.run(work())
    assert stored() == ("success", 200, 9.0, WHOLE)


def test_it_does_without_where_much_is_to_be_written(row, monkeypatch):
    monkeypatch.setattr(recording, "QUEUE", 2)

    async def work():
        recorder = Recorder()
        recorder.open()
        first, second = (recorder.note(so_far(row, HALF)) for _ in range(2))
        third = recorder.note(so_far(row, WHOLE))
        await recorder.close()
        return first.done(), second.done(), third

    assert asyncio.run(work()) == (True, True, None)
    assert stored() == ("running", None, 1.0, HALF)


def test_it_masks_what_it_stores(row):
    trace = [{"step": "a", "kind": "set", "value": {"password": "canary-7", "b": "canary-7"}}]
    store([so_far(row, trace)])
    assert Run.objects.get().trace[0]["value"] == {"password": "•••", "b": "•••"}
