"""`Prefer: respond-async`: the call is taken, answered at once, and run after that."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from dynamic.listener.preferences import asks_not_to_wait, preferences
from dynamic.models import AsyncCall, IdempotentCall, Run
from tests.dynamic.listener.test_early_answers import held
from tests.dynamic.listener.test_idempotency import JSON, writing
from tests.dynamic.listener.test_lifecycle import eventually

__all__ = ["held"]

ASYNC = ("Prefer", "respond-async")


def send(scene, pipe, payload=None, method="POST", headers=(), **more):
    """One call whose caller does not wait."""
    body = b"" if method in ("GET", "HEAD") else json.dumps(payload or {"id": 7}).encode()
    return scene.call(pipe, method, headers=[JSON, ASYNC, *headers], body=body, **more)


def ended(reply, status="success"):
    """The run of a call, once it has ended so."""
    runs = Run.objects.filter(pk=reply.json["run"], status=status)
    assert eventually(runs.exists), Run.objects.get(pk=reply.json["run"]).status
    return runs.get()


def answer_of(run):
    return json.loads(AsyncCall.objects.get(pk=run.pk).answer)


class TestAccepting:
    def test_it_answers_at_once_and_runs_it_after_that(self, scene, held):
        pipe = writing(scene.workshop, "/held")
        reply = send(scene, pipe)
        assert reply.status == 202
        run_id, path = reply.json["run"], f"/v1/dynamic/runs/{reply.json['run']}/"
        assert reply.headers["preference-applied"] == "respond-async"
        assert reply.headers["location"] == path
        assert (reply.headers["run-id"], reply.headers["run-status"]) == (run_id, "queued")
        assert reply.json["status"] == "queued"
        assert reply.json["url"].endswith(path)
        assert reply.json["answer_url"].endswith(f"{path}answer/")
        assert eventually(lambda: held.requests_to("/held"))
        run = Run.objects.get()
        assert (run.pk, run.status, run.http_status, run.trace) == (run_id, "running", None, [])
        held.let_go.set()
        run = ended(reply)
        assert run.request_id == reply.headers["request-id"]
        assert (run.http_status, run.input["payload"]) == (201, {"id": 7})
        assert run.trace[0]["response"]["data"] == {"held": True}
        assert len(held.requests_to("/held")) == 1

    def test_it_keeps_the_answer_as_a_caller_would_have_got_it(self, scene):
        pipe = writing(scene.workshop)
        waited = scene.call(pipe, "POST", headers=[JSON], body=b'{"id": 7}')
        run = ended(send(scene, pipe))
        answer = answer_of(run)
        assert (answer["status"], answer["content_type"]) == (waited.status, "text/plain")
        assert answer["headers"] == {"X-Kind": "test", "Run-Id": run.pk, "Run-Status": "success"}
        assert answer["body"].startswith("Ü ")
        assert answer["body"].endswith(" 7")
        assert AsyncCall.objects.get().given == {}

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    def test_it_takes_any_method(self, scene, method):
        reply = send(scene, scene.pipes.echo, method=method, query="a=1")
        assert reply.status == 202
        runs = Run.objects.filter(pk=reply.headers["run-id"], status="success")
        assert eventually(runs.exists)
        answer = json.loads(json.loads(AsyncCall.objects.get().answer)["body"])
        assert (answer["method"], answer["query"]) == (method, {"a": "1"})
        assert runs.get().method == method

    def test_it_keeps_no_credential_and_nothing_in_the_clear(self, scene):
        pipe = scene.pipes.echo
        reply = send(scene, pipe, {"id": "canary-in"}, token="", query=f"token={scene.token}")
        echoed = json.loads(answer_of(ended(reply))["body"])
        assert "authorization" not in echoed["headers"]
        assert (echoed["query"], echoed["payload"]) == ({}, {"id": "canary-in"})
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM dynamic_asynccall")
            assert "canary" not in str(cursor.fetchall())

    def test_it_masks_the_callers_own_credential_where_the_input_repeats_it(self, scene):
        run = ended(send(scene, scene.pipes.echo, {"note": f"I am {scene.token}"}))
        assert run.input["payload"] == {"note": "I am •••"}

    def test_it_waits_where_the_header_says_something_else(self, scene):
        for value in ("wait=10", "respond-async=1", 'x="respond-async, respond-async"', ""):
            reply = scene.call(scene.pipes.echo, "GET", headers=[("Prefer", value)])
            assert reply.status == 200
            assert "preference-applied" not in reply.headers

    def test_it_refuses_before_that_what_it_refuses_else(self, scene):
        refused = [
            (scene.pipes.off, {}, "pipe_disabled"),
            (scene.pipes.get_only, {}, "method_not_allowed"),
            (scene.pipes.foreign, {}, "unknown_pipe"),
            (scene.pipes.echo, {"token": "dik_no"}, "invalid_token"),
            (scene.pipes.echo, {"payload": "x" * 5000}, "body_too_large"),
        ]
        for pipe, more, code in refused:
            assert send(scene, pipe, **more).json["code"] == code
        assert not Run.objects.exists()

    def test_it_says_that_the_queue_is_full(self, scene, held):
        pipe = writing(scene.workshop, "/held")
        first = send(scene, pipe)
        assert eventually(lambda: held.requests_to("/held"))
        row = Run.objects.get(pk=first.json["run"])
        # Without what they would be run with, nobody takes them.
        Run.objects.bulk_create(
            Run(**{**fields(row), "id": f"{number:024x}", "status": "queued"})
            for number in range(1000)
        )
        reply = send(scene, pipe, headers=[("Idempotency-Key", "a")])
        assert (reply.status, reply.json["code"]) == (503, "queue_full")
        assert reply.headers["retry-after"] == "10"
        assert not IdempotentCall.objects.exists()
        assert AsyncCall.objects.count() == 1
        Run.objects.filter(pk__lt=row.pk).delete()
        assert send(scene, pipe, headers=[("Idempotency-Key", "a")]).status == 202
        held.let_go.set()


def fields(run):
    return {field.attname: getattr(run, field.attname) for field in run._meta.concrete_fields}


class TestOutcomes:
    def test_it_ends_badly_as_a_call_does_that_is_waited_for(self, scene):
        run = ended(send(scene, scene.pipes.failing), "failed")
        assert (run.http_status, run.message) == (409, "Sold out")
        answer = answer_of(run)
        assert answer["status"] == 409
        assert json.loads(answer["body"])["code"] == "flow_failed"
        assert answer["headers"]["Run-Status"] == "failed"

    def test_it_says_at_its_end_that_a_pipe_cannot_run(self, scene, alice):
        flow = alice.flows.create(slug="new", name="New", draft="version: 1\nsteps: []\n")
        run = ended(send(scene, alice.pipes.create(name="New", flow=flow)), "flow_error")
        assert "no published version" in run.message
        assert answer_of(run)["status"] == 500

    def test_it_holds_the_pipes_deadline_from_its_beginning(self, scene):
        run = ended(send(scene, scene.pipes.hang), "timed_out")
        assert answer_of(run)["status"] == 504

    def test_it_answers_in_the_envelope_where_the_pipe_does(self, scene):
        scene.pipes.failing.failure_mode = "compat"
        scene.pipes.failing.save()
        answer = answer_of(ended(send(scene, scene.pipes.failing), "failed"))
        assert (answer["status"], json.loads(answer["body"])["success"]) == (200, False)

    def test_it_ends_when_all_has_ended_that_the_flow_does_after_its_answer(self, scene, held):
        pipe = writing(scene.workshop, "/held", AFTER)
        reply = send(scene, pipe)
        assert eventually(lambda: held.requests_to("/held"))
        assert Run.objects.get().status == "running"
        assert AsyncCall.objects.get().answer == ""
        held.let_go.set()
        run = ended(reply, "failed")
        assert (run.http_status, run.message) == (202, "After the answer: no stock")
        assert json.loads(answer_of(run)["body"]) == {"taken": 7}

    def test_it_asks_no_cache_and_leaves_nothing_in_it(self, scene, upstream):
        document = "version: 1\nsteps:\n  - return: {body: '{{ $uuid() }}'}\n"
        pipe = scene.workshop.pipe(document, cache_seconds=60)
        kept = scene.call(pipe).body.decode()
        bodies = {answer_of(ended(send(scene, pipe, method="GET")))["body"] for _ in range(2)}
        assert len(bodies) == 2
        assert not {kept, scene.call(pipe).body.decode()} & bodies

    def test_it_says_where_an_answer_was_too_large_to_keep(self, scene):
        document = "version: 1\nsteps:\n  - set: {a: \"{{ $pad('', 500000, 'x') }}\"}\n"
        document += "  - return: {body: '{{ [a, a, a, a, a, a, a, a, a] }}'}\n"
        run = ended(send(scene, scene.workshop.pipe(document)))
        assert answer_of(run) == {"run_status": "success"}


AFTER = """
version: 1
steps:
  - return: {status: 202, body: {taken: "{{ payload.id }}"}}
    then:
      - {call: work, api: shop/write}
      - fail: no stock
"""


class TestRepeats:
    def test_it_gives_the_202_again_and_runs_nothing(self, scene, upstream):
        pipe = writing(scene.workshop)
        key = [("Idempotency-Key", "order-7")]
        first = send(scene, pipe, headers=key)
        ended(first)
        again = send(scene, pipe, headers=key)
        assert (again.status, again.body) == (202, first.body)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["location"] == first.headers["location"]
        assert send(scene, pipe, {"id": 8}, headers=key).json["code"] == "idempotency_mismatch"
        assert Run.objects.count() == AsyncCall.objects.count() == 1
        assert len(upstream.requests_to("/echo")) == 1

    def test_it_runs_once_what_comes_many_times_at_once(self, scene, held):
        pipe = writing(scene.workshop, "/held")
        with ThreadPoolExecutor(6) as threads:
            calls = [
                threads.submit(send, scene, pipe, headers=[("Idempotency-Key", "a")])
                for _ in range(6)
            ]
        replies = [call.result() for call in calls]
        assert {reply.status for reply in replies} <= {202, 409}
        assert len({reply.headers["run-id"] for reply in replies}) == 1
        held.let_go.set()
        ended(next(reply for reply in replies if reply.status == 202))
        assert len(held.requests_to("/held")) == 1


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("respond-async", {"respond-async": ""}),
        ("Respond-Async", {"respond-async": ""}),
        (' wait=10 ,\trespond-async; a="b, c" ;; d', {"wait": "10", "respond-async": ""}),
        ('respond-async = ""', {"respond-async": ""}),
        ("a=1, a=2", {"a": "1"}),
        (r'a="\"x\", y\\"', {"a": r'"x", y\\'[:-1]}),
        ("a b, c; respond-async", {"c": ""}),
        ('a="b, respond-async', {}),
        (",, ,", {}),
        ("", {}),
    ],
)
def test_it_reads_preferences_as_they_are_written(header, found):
    assert preferences(header) == found
    assert asks_not_to_wait(header) == ("respond-async" in found)


@pytest.mark.parametrize("part", ['"', '"\\', "a;", ' ="a', "\\", "; ", ",", "a=b;"])
def test_it_reads_what_is_no_preference_in_time_that_grows_with_it(part):
    # What looks at it again from each character would take minutes.
    assert not asks_not_to_wait("x" + part * (60_000 // len(part)) + "@")
