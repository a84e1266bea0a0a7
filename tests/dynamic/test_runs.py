"""What a run keeps, and what it never keeps."""

import asyncio
import io
import json
import logging

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from apikeys.models import Key
from dynamic.listener import loop_thread
from dynamic.models import Run
from dynamic.models.run import new_run_id
from dynamic.runs.recorder import Recorder
from dynamic.runs.redaction import Redactor
from dynamic.runs.storing import FinishedRun
from tests.upstream import SHOP_KEY, WAREHOUSE

JSON = [("Content-Type", "application/json")]
ECHO_CALL = """
version: 1
steps:
  - call: echo
    api: mirror/echo
    with: {all: "{{ payload }}"}
  - return: {body: "{{ steps.echo.data }}"}
"""


def run_of(reply):
    return Run.objects.get(pk=reply.headers["run-id"])


class TestRecord:
    def test_it_keeps_who_what_and_each_step(self, scene, alice):
        body = json.dumps({"order_id": "7"}).encode()
        reply = scene.call(scene.pipes.order, "POST", query="x=1", headers=JSON, body=body)
        run = run_of(reply)
        assert (run.owner, run.pipe, run.method) == (alice, scene.pipes.order, "POST")
        assert (run.status, run.http_status, run.flow_version) == ("success", 200, 1)
        assert run.key_public_id == scene.token[4:14]
        assert run.request_id == reply.headers["request-id"]
        assert run.address == "127.0.0.1"
        assert run.input["payload"] == {"order_id": "7"}
        assert run.input["query"] == {"x": "1"}
        assert run.answer == reply.json
        first, second = run.trace[0], run.trace[1]
        assert (first["step"], first["kind"]) == ("order", "call")
        assert first["request"]["url"].endswith("/shop/orders/7")
        assert first["response"]["status_code"] == 200
        assert second["response"]["data"][0] == {"sku": "A", "free": 5}
        assert 0 < first["ms"] <= run.ms

    def test_it_stores_a_write_before_the_answer(self, scene):
        for _ in range(5):
            reply = scene.call(scene.pipes.echo, "POST", headers=JSON, body=b"1")
            assert Run.objects.filter(pk=reply.headers["run-id"]).exists()

    def test_it_keeps_what_failed_and_why(self, scene):
        run = run_of(scene.call(scene.pipes.status, "POST", headers=JSON, body=b'{"code": 503}'))
        assert (run.status, run.http_status) == ("upstream_failed", 502)
        assert "503" in run.message
        assert run.trace[0]["response"]["data"] == {"upstream": "says no"}

    def test_it_keeps_nul_and_other_odd_text(self, scene):
        body = json.dumps({"odd": "\0 \x1b \ufeff 🔑"}).encode()
        run = run_of(scene.call(scene.pipes.echo, "POST", headers=JSON, body=body))
        assert run.input["payload"] == json.loads(body)

    def test_it_masks_a_secret_of_the_input_wherever_it_went(self, scene):
        login = scene.workshop.system("login")
        scene.workshop.call(
            login,
            "in",
            "/echo",
            method="POST",
            query=[{"key": "pin", "value": "{{ password }}"}],
            headers=[{"key": "X-Token", "value": "{{ token }}"}],
            body_kind="json",
            body={"who": "x", "said": "{{ password }}"},
        )
        pipe = scene.workshop.pipe(
            "version: 1\nsteps:\n  - call: login\n    api: login/in\n"
            '    with: {password: "{{ payload.password }}", token: "{{ payload.token }}"}\n'
            '  - return: {body: "{{ steps.login.data }}"}\n',
            "Login",
        )
        body = json.dumps({"password": "hunter two &canary", "token": "tok-canary-77"}).encode()
        reply = scene.call(pipe, "POST", headers=JSON, body=body)
        assert reply.status == 200
        kept = json.dumps([run_of(reply).trace, run_of(reply).input, run_of(reply).answer])
        for spelling in ("hunter two", "hunter%20two", "hunter+two", "tok-canary-77"):
            assert spelling not in kept

    def test_it_keeps_the_message_of_a_failure_with_nul(self, scene):
        pipe = scene.workshop.pipe(
            'version: 1\nsteps:\n  - fail: {message: "got {{ payload.m }}"}\n', "Nul"
        )
        body = json.dumps({"m": "a\0b"}).encode()
        run = run_of(scene.call(pipe, "POST", headers=JSON, body=body))
        assert run.message == "got a\ufffdb"

    def test_it_keeps_no_run_of_a_call_that_was_refused(self, scene):
        scene.call(scene.pipes.echo, token="dik_x")
        scene.call(scene.pipes.off, "POST")
        scene.call(scene.pipes.echo, "POST", headers=JSON, body=b"{")
        assert not Run.objects.exists()


class TestBackground:
    def test_it_writes_reads_soon_and_all_of_them_at_shutdown(self, workshop, django_door):
        pipe = workshop.pipe("version: 1\nsteps:\n  - return: {body: 1}\n")
        _, token = workshop.key()
        for _ in range(30):
            reply = django_door.request(
                "GET", f"/v1/dynamic/listener/{pipe.id}", [("Access-Token", token)]
            )
            assert reply.status == 200
        loop_thread.close()
        assert Run.objects.count() == 30
        assert Key.objects.get().use.place == "header"


class TestRedaction:
    def test_it_masks_by_value_in_every_text(self):
        clean = Redactor(["s3cret-value", "other"]).clean
        kept = clean({"a": ["x s3cret-value y", {"s3cret-value": 1}], "b": 2, "c": None})
        assert kept == {"a": ["x ••• y", {"•••": 1}], "b": 2, "c": None}

    @pytest.mark.parametrize(
        "name",
        [
            *("password", "Authorization", "api_key", "X-Api-Key", "client_secret", "Set-Cookie"),
            f"{'of-the-' * 20}password",
        ],
        ids=lambda name: name[-13:],
    )
    def test_it_masks_by_name(self, name):
        assert Redactor([]).clean({name: {"any": "thing"}}) == {name: "•••"}

    @pytest.mark.parametrize("name", ["token_count", "author", "keyboard", "status", "passenger"])
    def test_it_leaves_names_that_only_look_like_it(self, name):
        assert Redactor([]).clean({name: "x"}) == {name: "x"}

    def test_it_masks_the_longer_of_two_that_overlap(self):
        assert Redactor(["abcd", "abcdefgh"]).clean("abcdefgh") == "•••"

    def test_it_cuts_what_is_too_long_after_masking(self):
        text = "x" * 65_530 + "s3cret-value" + "y" * 1000
        clean = Redactor(["s3cret-value"]).clean(text)
        assert "s3cret" not in clean
        assert len(clean) < 66_000
        assert "more characters" in clean
        assert len(Redactor([]).clean(list(range(5000)))) == 1001


def everything_stored():
    """Every text and blob of every column of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                for value in row:
                    yield table, bytes(value) if isinstance(value, memoryview) else value


def test_it_leaves_no_credential_anywhere(scene, caplog):
    """The canary: keys and the systems' credentials, in no row, log line or trace."""
    workshop = scene.workshop
    mirror = workshop.system("mirror", "", "query", {"secret": SHOP_KEY}, auth={"name": "key"})
    workshop.call(mirror, "echo", "/echo", method="POST", body_kind="json", body="{{ all }}")
    pipe = workshop.pipe(ECHO_CALL, "Mirror")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(handler)
    try:
        for secret in (scene.token, scene.jwt):
            echoed = json.dumps({"told": secret, "inside": f"x{secret}y"}).encode()
            for query, headers in (
                (f"token={secret}", JSON),
                ("", [("Access-Token", secret), *JSON]),
            ):
                for target in (pipe, scene.pipes.order, scene.pipes.off, "0" * 24):
                    scene.raw(target, "POST", query, headers, echoed)
            scene.raw(pipe, "GET", f"access_token={secret}&access_token={secret}")
    finally:
        logging.getLogger().removeHandler(handler)
    assert Run.objects.filter(status="success").exists()
    log = scene.door.log.read_text() if scene.door.name == "asgi" else ""
    canaries = [scene.token[14:], scene.jwt.split(".")[2], SHOP_KEY, WAREHOUSE[1]]
    for canary in canaries:
        assert canary not in stream.getvalue() + caplog.text + log
        for table, value in everything_stored():
            raw = value if isinstance(value, bytes) else str(value).encode()
            assert canary.encode() not in raw, table


class TestRecorder:
    """The queue between calls and the database."""

    def finished(self, pipe, **changes):
        row = {
            **{"id": new_run_id(), "owner_id": pipe.owner_id, "pipe_id": pipe.id},
            **{"key_public_id": "0" * 10, "request_id": "r", "address": None, "method": "POST"},
            **{"flow_version": 1, "status": "success", "http_status": 200, "message": ""},
            **{"started_at": timezone.now(), "ms": 1.0, "input": {}, "answer": 1, "trace": []},
        }
        return FinishedRun(row | changes, frozenset())

    @pytest.fixture
    def pipe(self, workshop):
        return workshop.pipe("version: 1\nsteps:\n  - return: {body: 1}\n")

    def record(self, work):
        async def recording():
            recorder = Recorder()
            recorder.open()
            try:
                await work(recorder)
            finally:
                await recorder.close()

        asyncio.run(recording())

    def test_it_keeps_the_others_of_a_batch_that_holds_one_it_cannot_store(self, pipe, caplog):
        bad = self.finished(pipe, request_id=None)

        async def work(recorder):
            for _ in range(3):
                await recorder.add(self.finished(pipe), wait=False)
            await recorder.add(bad, wait=False)
            await recorder.add(self.finished(pipe), wait=True)

        self.record(work)
        assert Run.objects.count() == 4
        assert "cannot be recorded" in caplog.text

    def test_it_tells_who_waits_that_a_run_cannot_be_stored(self, pipe):
        async def work(recorder):
            with pytest.raises(DatabaseError):
                await recorder.add(self.finished(pipe, request_id=None), wait=True)

        self.record(work)

    def test_it_takes_a_run_that_is_stored_already_as_stored(self, pipe):
        run = self.finished(pipe)

        async def work(recorder):
            await recorder.add(run, wait=True)
            await recorder.add(run, wait=True)

        self.record(work)
        assert Run.objects.count() == 1

    def test_it_writes_all_that_is_queued_before_it_closes(self, pipe):
        async def work(recorder):
            for _ in range(1200):
                await recorder.add(self.finished(pipe), wait=False)

        self.record(work)
        assert Run.objects.count() == 1200
