"""Metrics for operators, and for nobody else."""

import asyncio
import re

import pytest
from django.db import OperationalError
from django.utils import timezone

from apikeys.store import Store, StoreUnreachable
from dynamic.models import Run
from dynamic.models.run import new_run_id
from dynamic.runs import recorder as recording
from dynamic.runs.recorder import Recorder
from dynamic.runs.storing import FinishedRun

TOKEN = "metrics-token-of-forty-characters-or-so-1"


def read(client, token=TOKEN):
    reply = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 200
    return reply.content.decode()


def value(text, name, **labels):
    """Of a metric; 0 where nothing of it was counted yet."""
    inside = ",".join(f'{key}="{label}"' for key, label in labels.items())
    found = re.search(
        rf"^{name}{re.escape('{' + inside + '}') if inside else ''} (\S+)$", text, re.M
    )
    return float(found[1]) if found else 0.0


@pytest.fixture
def token(settings, db):
    settings.METRICS_TOKEN = TOKEN


class TestWho:
    def test_it_is_off_without_a_token(self, client):
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize("given", ["", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"])
    def test_it_shows_nothing_without_the_right_one(self, client, token, given):
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404

    def test_it_shows_nothing_to_operators_who_are_signed_in(self, client, token, olga):
        client.force_login(olga)
        assert client.get("/metrics").status_code == 404

    def test_it_is_plain_text_that_nobody_keeps(self, client, token):
        reply = client.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})
        assert reply.headers["Content-Type"].startswith("text/plain")
        assert "no-store" in reply.headers["Cache-Control"]
        assert "process_start_time_seconds" in reply.content.decode()


class TestWhat:
    def test_it_counts_calls_runs_and_refusals(self, workshop, django_door, client, token):
        pipe = workshop.pipe("version: 1\nsteps:\n  - fail: {status: 409, message: no}\n")
        _, key = workshop.key()
        before = read(client)
        for presented in (key, key, "dik_x"):
            django_door.request(
                "POST", f"/v1/dynamic/listener/{pipe.id}", [("Access-Token", presented)]
            )
        after = read(client)

        def grown(name, **labels):
            return value(after, name, **labels) - value(before, name, **labels)

        assert grown("integrator_calls_total", status="4xx") == 3
        assert grown("integrator_calls_refused_total", code="invalid_token") == 1
        assert grown("integrator_runs_total", status="failed") == 2
        assert grown("integrator_run_seconds_bucket", le="+Inf") == 2
        assert grown("integrator_run_seconds_count") == 2
        assert Run.objects.filter(pipe=pipe).count() == 2
        assert grown("integrator_recorder_rows_total") >= 2  # another test's run may come late
        assert value(after, "integrator_runs_under_way") == 0
        assert value(after, "integrator_recorder_queue_size") == 10_000
        assert re.search(r"^integrator_async_queue 0\.0$", after, re.M)
        for secret in (pipe.id, key, workshop.owner.email):
            assert secret not in after

    def test_it_counts_who_waits_for_room_and_says_so_once(
        self, workshop, client, token, monkeypatch, caplog
    ):
        monkeypatch.setattr(recording, "QUEUE", 4)
        pipe = workshop.pipe("version: 1\nsteps:\n  - return: {body: 1}\n")
        before = read(client)

        async def work():
            recorder = Recorder()
            recorder.open()
            await asyncio.gather(*(recorder.add(read_of(pipe), wait=False) for _ in range(20)))
            await recorder.close()

        asyncio.run(work())
        after = read(client)
        assert Run.objects.count() == 20
        waits = "integrator_recorder_waits_total"
        assert value(after, waits) - value(before, waits) == 16
        assert value(after, "integrator_recorder_queue") == 0
        assert caplog.text.count("callers wait until the database has caught up") == 1

    def test_it_counts_how_often_the_database_was_away(self, client, token):
        def away():
            raise OperationalError("away")

        async def work():
            with pytest.raises(StoreUnreachable):
                await Store("somebody").run(away)

        asyncio.run(work())
        name = "integrator_database_unreachable_total"
        assert value(read(client), name, by="somebody") == 1


def read_of(pipe):
    row = {
        **{"id": new_run_id(), "owner_id": pipe.owner_id, "pipe_id": pipe.id, "method": "GET"},
        **{"key_public_id": "0" * 10, "request_id": "r", "address": None, "flow_version": 1},
        **{"status": "success", "http_status": 200, "message": "", "started_at": timezone.now()},
        **{"ms": 1.0, "input": {}, "answer": 1, "trace": []},
    }
    return FinishedRun(row, frozenset())
