"""`Idempotency-Key`: a write that is repeated is run once, on whichever server."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection, transaction

from dynamic.listener import loop_thread
from dynamic.models import IdempotentCall, Run
from tests.doors import PREFIX
from tests.dynamic.listener.test_early_answers import AFTER, held
from tests.dynamic.listener.test_lifecycle import eventually
from tests.dynamic.scene import make_scene
from tests.dynamic.test_memory import two

__all__ = ["held", "two"]

JSON = ("Content-Type", "application/json")
WRITE = """
version: 1
steps:
  - {call: work, api: shop/write}
  - return:
      status: 201
      headers: {X-Kind: test, Content-Type: text/plain}
      body: "Ü {{ $uuid() }} {{ payload.id }}"
"""


def writing(workshop, path="/echo", document=WRITE, **fields):
    """A pipe whose flow writes at a system."""
    workshop.call(workshop.system("shop"), "write", path, method="POST")
    return workshop.pipe(document, methods=["GET", "POST", "PUT"], **fields)


def post(scene, pipe, key="order-7", payload=None, method="POST", **more):
    headers = [JSON, ("Idempotency-Key", key)]
    body = json.dumps(payload or {"id": 7}).encode()
    return scene.call(pipe, method, headers=headers, body=body, **more)


class TestRepeats:
    def test_it_gives_the_first_answer_again_and_runs_nothing(self, scene, upstream):
        pipe = writing(scene.workshop)
        first, again = post(scene, pipe), post(scene, pipe)
        assert (first.status, first.headers["run-status"]) == (201, "success")
        assert "idempotency-replayed" not in first.headers
        assert again.headers.pop("idempotency-replayed") == "true"
        varying = {"request-id", "date"}
        assert (again.status, again.body) == (first.status, first.body)
        assert {name: again.headers[name] for name in again.headers.keys() - varying} == {
            name: first.headers[name] for name in first.headers.keys() - varying
        }
        assert again.headers["request-id"] != first.headers["request-id"]
        assert len(upstream.requests_to("/echo")) == 1
        assert Run.objects.get().pk == first.headers["run-id"]

    def test_it_gives_a_failure_again(self, scene):
        first, again = post(scene, scene.pipes.failing), post(scene, scene.pipes.failing)
        assert (again.status, again.body) == (first.status, first.body) == (409, first.body)
        assert again.headers["idempotency-replayed"] == "true"
        assert Run.objects.count() == 1

    def test_it_tells_callers_and_pipes_apart(self, scene):
        first, second = scene.pipes.echo, scene.pipes.returning
        replies = [post(scene, first), post(scene, first, token=scene.jwt), post(scene, second)]
        assert not [reply for reply in replies if "idempotency-replayed" in reply.headers]
        assert Run.objects.count() == 3

    def test_it_runs_a_call_anew_after_a_day(self, scene):
        post(scene, scene.pipes.echo)
        row = IdempotentCall.objects.get()
        IdempotentCall.objects.update(expires_at=Run.objects.get().started_at)
        assert "idempotency-replayed" not in post(scene, scene.pipes.echo).headers
        assert IdempotentCall.objects.get().run_id != row.run_id

    def test_it_says_where_an_answer_was_too_large_to_keep(self, scene):
        pipe = scene.workshop.pipe(
            "version: 1\nsteps:\n  - return: {body: \"{{ $pad('', 300000, 'x') }}\"}\n"
        )
        first, again = post(scene, pipe), post(scene, pipe)
        assert (first.status, len(first.body)) == (200, 300_002)
        assert (again.status, again.json["code"]) == (409, "idempotency_answer_too_large")
        assert again.headers["run-id"] == first.headers["run-id"]
        assert again.headers["run-status"] == "success"

    def test_it_gives_an_early_answer_again_while_the_flow_goes_on(self, scene, held):
        scene.workshop.call(scene.workshop.system("slow"), "held", "/held", method="POST")
        pipe = scene.workshop.pipe(AFTER)
        first, again = post(scene, pipe), post(scene, pipe)
        assert (again.status, again.json) == (first.status, first.json) == (202, {"taken": 7})
        held.let_go.set()
        assert eventually(lambda: Run.objects.get().status == "success")
        again = post(scene, pipe)
        assert (again.status, again.headers["run-status"]) == (202, "success")
        assert len(held.requests_to("/held")) == 1

    def test_it_leaves_reads_alone(self, scene):
        for _ in range(2):
            reply = scene.call(scene.pipes.echo, headers=[("Idempotency-Key", "a")])
            assert "idempotency-replayed" not in reply.headers
        assert eventually(lambda: Run.objects.count() == 2)
        assert not IdempotentCall.objects.exists()

    def test_it_runs_a_repeat_once_the_pipe_can_run(self, scene, alice):
        flow = alice.flows.create(slug="new", name="New", draft=WRITE)
        pipe = alice.pipes.create(name="New", flow=flow)
        assert post(scene, pipe).status == 500
        assert not IdempotentCall.objects.exists()

    def test_it_lets_a_call_that_found_no_place_be_repeated(self, scene, held):
        pipe = writing(scene.workshop, "/held", at_once=1)
        with ThreadPoolExecutor(3) as threads:
            calls = [threads.submit(post, scene, pipe, key) for key in "abc"]
            assert eventually(lambda: [call for call in calls if call.done()])
            busy = next(call for call in calls if call.done())
            assert busy.result().json["code"] == "pipe_busy"
            held.let_go.set()
        again = post(scene, pipe, "abc"[calls.index(busy)])
        assert again.status == 201
        assert "idempotency-replayed" not in again.headers


class TestRefusals:
    def test_it_refuses_another_request_under_the_same_key(self, scene):
        pipe = scene.pipes.echo
        post(scene, pipe)
        others = [{"payload": {"id": 8}}, {"method": "PUT"}, {"query": "x=1"}]
        for other in others:
            reply = post(scene, pipe, **other)
            assert (reply.status, reply.json["code"]) == (422, "idempotency_mismatch")
        assert Run.objects.count() == 1

    def test_it_does_not_mind_where_the_credential_stands(self, scene):
        post(scene, scene.pipes.echo)
        again = post(scene, scene.pipes.echo, token="", query=f"token={scene.token}")
        assert again.headers["idempotency-replayed"] == "true"

    def test_it_refuses_what_is_no_key(self, scene):
        for key in ("", "a b", "x" * 256, "schlüssel".encode("latin-1"), "a, b"):
            reply = post(scene, scene.pipes.echo, key)
            assert (reply.status, reply.json["code"]) == (400, "invalid_idempotency_key")
        for key in ("x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "!~"):
            assert post(scene, scene.pipes.echo, key).status == 200

    def test_it_says_that_the_first_call_is_under_way(self, scene, held):
        pipe = writing(scene.workshop, "/held")
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(post, scene, pipe)
            assert eventually(lambda: held.requests_to("/held"))
            reply = post(scene, pipe)
            assert (reply.status, reply.json["code"]) == (409, "idempotency_in_progress")
            assert reply.headers["retry-after"] == "1"
            assert Run.objects.get(pk=reply.headers["run-id"]).status == "running"
            assert post(scene, pipe, payload={"id": 8}).status == 422
            held.let_go.set()
            assert first.result().status == 201
        assert post(scene, pipe).headers["idempotency-replayed"] == "true"
        assert len(held.requests_to("/held")) == 1


def test_it_keeps_neither_the_key_nor_the_answer_in_the_clear(scene):
    post(scene, scene.pipes.echo, "canary-key", {"id": "canary-answer"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dynamic_idempotentcall")
        assert "canary" not in str(cursor.fetchall())


@contextmanager
def no_run_can_be_begun():
    """The database refuses to store that a run is under way."""
    make, drop = {
        "sqlite": (
            "CREATE TRIGGER full_ BEFORE INSERT ON dynamic_run WHEN NEW.status = 'running' "
            "BEGIN SELECT RAISE(ABORT, 'full'); END",
            "DROP TRIGGER full_",
        ),
        "postgresql": (
            "ALTER TABLE dynamic_run ADD CONSTRAINT full_ CHECK (status <> 'running')",
            "ALTER TABLE dynamic_run DROP CONSTRAINT full_",
        ),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(make)
        try:
            yield
        finally:
            cursor.execute(drop)


def test_it_forgets_a_call_that_could_not_be_begun(workshop, django_door, upstream):
    pipe, (_, token) = writing(workshop), workshop.key()
    headers = [JSON, ("Access-Token", token), ("Idempotency-Key", "a")]
    with no_run_can_be_begun():
        reply = django_door.request("POST", f"{PREFIX}{pipe.id}", headers, b"{}")
    assert (reply.status, reply.json["code"]) == (503, "run_not_begun")
    assert not upstream.seen
    reply = django_door.request("POST", f"{PREFIX}{pipe.id}", headers, b"{}")
    assert reply.status == 201
    assert "idempotency-replayed" not in reply.headers


def test_it_runs_a_call_once_on_two_servers(two, workshop, held):
    pipe, (_, token) = writing(workshop, "/held"), workshop.key()
    headers = [JSON, ("Access-Token", token), ("Idempotency-Key", "a")]

    def send(server):
        return server.request("POST", f"{PREFIX}{pipe.id}", headers, b"{}")

    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(send, server) for server in two * 4]
        assert eventually(lambda: sum(call.done() for call in calls) == 7)
        held.let_go.set()
    assert sorted(call.result().status for call in calls) == [201] + [409] * 7
    again = [send(server) for server in two]
    assert again[0].body == again[1].body
    assert {reply.headers["idempotency-replayed"] for reply in again} == {"true"}
    assert len(held.requests_to("/held")) == 1
    assert Run.objects.count() == 1


def test_a_claim_that_comes_too_late_for_its_caller_is_given_up(
    django_door, workshop, bob, upstream, monkeypatch
):
    scene = make_scene(django_door, workshop, bob)
    pipe = writing(workshop)
    assert post(scene, pipe).status == 201
    first = IdempotentCall.objects.get()
    first.delete()
    monkeypatch.setattr(loop_thread._current.runtime.promises, "_longest_wait", 0.3)
    with transaction.atomic():
        first.save(force_insert=True)  # nobody can claim it until this is taken back
        assert post(scene, pipe).json["code"] == "unavailable"
        transaction.set_rollback(True)
    loop_thread.close()  # the claim has come through
    assert post(scene, pipe).status == 201, "nothing was begun"
    assert len(upstream.requests_to("/echo")) == 2
