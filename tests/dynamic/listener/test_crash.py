"""What history says of writes whose server was killed, and of those that are under way."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from dynamic.listener import loop_thread
from dynamic.models import IdempotentCall, Pipe, Run
from dynamic.runs.unfinished import mark_unknown
from tests.doors import PREFIX, AsgiDoor
from tests.dynamic.history import run_of, stored
from tests.dynamic.listener.test_early_answers import held
from tests.dynamic.listener.test_idempotency import JSON, post, writing
from tests.dynamic.listener.test_lifecycle import eventually

__all__ = ["held"]

AGES = timedelta(hours=3)  # beyond any deadline


def test_it_runs_nothing_twice_after_a_kill(asgi_door, workshop, held, tmp_path):
    pipe, (_, token) = writing(workshop, "/held"), workshop.key()
    headers = [JSON, ("Access-Token", token), ("Idempotency-Key", "a")]

    def send(server):
        return server.request("POST", f"{PREFIX}{pipe.id}", headers, b'{"id": 7}')

    killed = AsgiDoor(tmp_path / "log.txt")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(send, killed)
        assert eventually(lambda: held.requests_to("/held"))
        killed.kill()
        with pytest.raises((http.client.HTTPException, OSError)):
            first.result()
    held.let_go.set()
    reply = send(asgi_door)
    assert (reply.status, reply.json["code"]) == (409, "idempotency_in_progress")
    assert not mark_unknown(timezone.now()), "as far as anybody knows it may still be under way"

    IdempotentCall.objects.update(late_at=timezone.now() - AGES)
    Run.objects.update(late_at=timezone.now() - AGES)
    reply = send(asgi_door)
    assert (reply.status, reply.json["code"]) == (409, "run_unknown")
    assert reply.headers["run-status"] == "unknown"
    mark_unknown(timezone.now())  # where the other server has not done so already
    run = Run.objects.get(pipe=pipe)
    assert (run.pk, run.status, run.http_status) == (reply.headers["run-id"], "unknown", None)
    assert run.input["payload"] == {"id": 7}
    assert len(held.requests_to("/held")) == 1


def test_it_stores_a_write_before_it_calls_anybody(scene, held):
    pipe = writing(scene.workshop, "/held")
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(scene.call, pipe, "POST", headers=[JSON], body=b'{"id": 7}')
        assert eventually(lambda: held.requests_to("/held"))
        run = Run.objects.get(pipe=pipe)
        assert (run.status, run.http_status, run.trace) == ("running", None, [])
        held.let_go.set()
        assert call.result().headers["run-id"] == run.pk
    run.refresh_from_db()
    assert (run.status, run.http_status) == ("success", 201)
    assert run.trace[0]["response"]["data"] == {"held": True}


def test_it_gives_up_runs_that_are_over_time_when_a_server_starts(workshop, django_door):
    pipe = workshop.pipe("version: 1\nsteps:\n  - return: {body: 1}\n", deadline=600)
    late, early = (run_of(pipe, timedelta(seconds=ago), status="running") for ago in (661, 601))
    stored(late, early)
    loop_thread.current()
    assert eventually(lambda: Run.objects.get(pk=late.pk).status == "unknown")
    assert "Nobody knows" in Run.objects.get(pk=late.pk).message
    assert Run.objects.get(pk=early.pk).status == "running"


def test_it_gives_up_no_run_earlier_because_its_pipe_was_changed(scene, held):
    pipe = writing(scene.workshop, "/held")
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(scene.call, pipe, "POST", headers=[JSON], body=b'{"id": 7}')
        assert eventually(lambda: held.requests_to("/held"))
        began, deadline = Run.objects.get(pipe=pipe).started_at, pipe.deadline
        Pipe.objects.filter(pk=pipe.pk).update(deadline=1)
        assert not mark_unknown(began + timedelta(seconds=deadline + 59))
        held.let_go.set()
        call.result()


def test_it_forgets_idempotency_keys_after_a_day(scene):
    post(scene, scene.pipes.echo, "a")
    post(scene, scene.pipes.echo, "b")
    kept = IdempotentCall.objects.last()
    IdempotentCall.objects.exclude(pk=kept.pk).update(expires_at=timezone.now())
    loop_thread.close()
    loop_thread.current()
    assert eventually(lambda: not IdempotentCall.objects.exclude(pk=kept.pk).exists())
    assert IdempotentCall.objects.get() == kept
