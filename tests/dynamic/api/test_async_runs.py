"""Runs whose callers do not wait, over REST: waiting, the answer, cancelling."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apikeys.models import Key
from dynamic.api import waiting
from dynamic.listener.answer import Answer
from dynamic.listener.kept_answers import keep
from dynamic.models import AsyncCall, Run, Share
from dynamic.models.async_call import note_ended
from tests.dynamic.api.conftest import Api, problems
from tests.dynamic.history import pipe_of, run_of, stored

ANSWER = Answer(
    201,
    "<b>Größe</b>".encode(),
    "text/html; charset=utf-8",
    {"X-Kind": "test", "Run-Id": "r", "Run-Status": "success"},
)
RUNS = "/v1/dynamic/runs/"


@pytest.fixture
def pipe(alice):
    return pipe_of(alice)


def key_of(account, **grants):
    """A key, and a client that has it."""
    key, text = Key.objects.issue(account, "K", "access_token", 1, **grants)
    client = Api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return key, client


def asked(pipe, key, status="running"):
    """A run under way whose caller does not wait."""
    run = stored(run_of(pipe, status=status, http_status=None, key_public_id=key.public_id))
    AsyncCall.objects.create(
        run_id=run.pk,
        pipe=pipe,
        key_public_id=key.public_id,
        given={},
        expires_at=timezone.now() + timedelta(days=1),
    )
    return run


def end(run, answer=ANSWER, status="success"):
    Run.objects.filter(pk=run.pk).update(status=status, http_status=answer and answer.status)
    note_ended([run.pk], timezone.now(), keep(answer, 10**6) if answer else "")


@pytest.fixture
def caller(alice):
    return key_of(alice)


@pytest.fixture
def run(pipe, caller):
    return asked(pipe, caller[0])


@pytest.fixture
def by_caller(caller):
    return caller[1]


def answer_url(run):
    return f"{RUNS}{run.pk}/answer/"


class TestAnswer:
    def test_it_is_as_the_listener_would_have_given_it(self, by_caller, run):
        end(run)
        for accept in ("*/*", "text/plain", "application/xml"):
            answer = by_caller.get(f"{answer_url(run)}?format=xml", headers={"Accept": accept})
            assert (answer.status_code, answer.content) == (201, ANSWER.body)
            for name, value in ANSWER.all_headers().items():
                assert answer[name] == value
            assert answer["Request-Id"]
            assert "Allow" not in answer
        answer = by_caller.head(answer_url(run))
        assert (answer.status_code, answer.content) == (201, b"")
        assert answer["Content-Length"] == str(len(ANSWER.body))

    def test_it_says_which_methods_it_takes(self, by_caller, run):
        refused = by_caller.put(answer_url(run))
        assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")

    @pytest.mark.parametrize("status", ["queued", "running"])
    def test_it_says_that_the_run_has_not_ended(self, by_caller, run, status):
        Run.objects.update(status=status)
        answer = by_caller.get(answer_url(run))
        assert (answer.status_code, answer.json()) == (202, {"run": run.pk, "status": status})
        assert (answer["Retry-After"], answer["Run-Status"]) == ("2", status)

    def test_it_says_where_there_is_none(self, by_caller, run, pipe, caller):
        end(run, None, "cancelled")
        answer = by_caller.get(answer_url(run))
        assert (answer.status_code, answer.json()["code"]) == (409, "run_cancelled")
        AsyncCall.objects.all().delete()  # a day later
        synchronous = stored(run_of(pipe, status="running", key_public_id=caller[0].public_id))
        for each in (run, synchronous):
            answer = by_caller.get(f"{answer_url(each)}?wait=30")
            assert (answer.status_code, answer.json()["code"]) == (404, "no_answer_kept")
            assert "24 hours" in answer.json()["detail"]

    def test_it_is_the_callers_alone(self, api, bobs, alice, bob, pipe, run, by_caller):
        end(run)
        assert api.get(answer_url(run)).status_code == 201  # the key's owner, signed in
        _, other = key_of(alice)
        _, of_bob = key_of(bob)
        for client in (other, of_bob, bobs):
            assert client.get(answer_url(run)).status_code == 404
        assert by_caller.get(f"{RUNS}{'0' * 24}/answer/").status_code == 404
        assert Api().get(answer_url(run)).status_code == 401

    def test_it_wants_a_key_that_is_still_granted_the_pipe(self, alice, pipe):
        key, client = key_of(alice, pipes=[pipe.pk])
        run = asked(pipe, key)
        end(run)
        assert client.get(answer_url(run)).status_code == 201
        key.change(alice, pipes=[])
        assert client.get(answer_url(run)).status_code == 404

    def test_of_a_shared_pipe_it_is_the_callers_too(self, api, bobs, alice, bob, pipe):
        key, client = key_of(bob)
        share = Share.objects.create(owner=alice, account=bob, pipe=pipe, role="editor")
        run = asked(pipe, key)
        end(run)
        for each in (client, bobs):
            assert each.get(answer_url(run)).status_code == 201
        assert api.get(answer_url(run)).status_code == 404  # what went out to Bob
        share.delete()
        for each in (client, bobs):
            assert each.get(answer_url(run)).status_code == 404


class TestWaiting:
    @pytest.mark.parametrize(
        "wait", ["-1", "31", "x", "1.5", "", "٣", "9" * 5000, "0" * 9 + "31", "0" * 5000]
    )
    def test_it_is_a_number_of_seconds(self, api, run, wait):
        for url in (f"{RUNS}{run.pk}/", answer_url(run)):
            assert problems(api.get(url, {"wait": wait})) == {
                "wait": "It is a number of seconds, 0 to 30."
            }

    def test_a_run_that_has_ended_is_answered_at_once(self, api, run):
        end(run)
        began = time.monotonic()
        assert api.get(f"{RUNS}{run.pk}/?wait=30").json()["status"] == "success"
        assert api.get(f"{answer_url(run)}?wait=30").status_code == 201
        assert time.monotonic() - began < 20

    def test_it_ends_after_so_many_seconds(self, transactional_db, api, run):
        assert api.get(f"{RUNS}{run.pk}/?wait=1").json()["status"] == "running"
        assert api.get(f"{answer_url(run)}?wait=1").status_code == 202

    def test_beyond_so_many_it_answers_at_once(self, api, run, monkeypatch):
        monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(1))
        assert waiting._places.acquire()
        began = time.monotonic()
        assert api.get(f"{RUNS}{run.pk}/?wait=30").json()["status"] == "running"
        assert time.monotonic() - began < 20

    @pytest.mark.parametrize("what", ["run", "answer"])
    def test_it_ends_with_the_run_and_holds_no_connection(
        self, transactional_db, by_caller, run, what, monkeypatch
    ):
        url = answer_url(run) if what == "answer" else f"{RUNS}{run.pk}/"
        asleep, held = threading.Event(), []

        def sleep(seconds):
            held.append(connection.connection)
            asleep.set()
            ended.wait(seconds)

        ended, got = threading.Event(), []
        monkeypatch.setattr(waiting.time, "sleep", sleep)

        def ask():
            got.append(by_caller.get(f"{url}?wait=30"))
            connection.close()

        thread = threading.Thread(target=ask)
        thread.start()
        assert asleep.wait(10)
        end(run)
        ended.set()
        thread.join(10)
        assert not thread.is_alive()
        assert got[0].status_code == (201 if what == "answer" else 200)
        assert set(held) == {None}


class TestCancelling:
    def cancel(self, client, run):
        return client.post(f"{RUNS}{run.pk}/cancel/")

    def test_it_ends_one_that_has_not_begun(self, by_caller, run):
        Run.objects.update(status="queued")
        answer = self.cancel(by_caller, run)
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert by_caller.get(answer_url(run)).json()["code"] == "run_cancelled"

    def test_it_asks_for_the_end_of_one_that_runs(self, api, run):
        answer = self.cancel(api, run)
        assert (answer.status_code, answer.json()["status"]) == (202, "running")
        assert AsyncCall.objects.get().cancel_asked_at

    def test_it_says_where_there_is_nothing_to_cancel(self, api, run, pipe, caller):
        end(run)
        synchronous = stored(run_of(pipe, status="running", key_public_id=caller[0].public_id))
        for each, code in ((run, "run_ended"), (synchronous, "not_async")):
            answer = self.cancel(api, each)
            assert (answer.status_code, answer.json()["code"]) == (409, code)

    def test_it_is_for_the_caller_and_the_owner(self, api, bobs, alice, bob, pipe, run):
        _, other = key_of(alice)
        for client in (other, bobs):
            assert self.cancel(client, run).status_code == 404
        Share.objects.create(owner=alice, account=bob, pipe=pipe, role="viewer")
        assert self.cancel(bobs, run).status_code == 404
        key, of_bob = key_of(bob)
        his = asked(pipe, key)
        for client in (of_bob, bobs, api):
            assert self.cancel(client, his).status_code == 202

    def test_it_wants_a_key_that_may_write(self, alice, pipe):
        key, client = key_of(alice, can_write=False)
        run = asked(pipe, key)
        assert self.cancel(client, run).status_code == 403
        assert AsyncCall.objects.get().cancel_asked_at is None
