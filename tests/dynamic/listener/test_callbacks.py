"""Callbacks: which URLs are taken, what is sent, and how often it is tried."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings

from dynamic.listener import calling_back, due_callbacks, loop_thread, pipes
from dynamic.listener.answer import Answer, Refusal
from dynamic.listener.callback import LONGEST, callback_of
from dynamic.listener.kept_answers import keep
from dynamic.models import AsyncCall, Run
from dynamic.models.async_call import note_ended
from dynamic.models.run import CANCELLED, UNKNOWN, new_run_id
from dynamic.outbound.client import Client
from dynamic.outbound.guard import Allowed, Guard
from dynamic.outbound.signing import new_secret
from dynamic.runs.cancelling import ask_to_cancel
from dynamic.runs.unfinished import mark_unknown
from integrator import secretfiles
from integrator.encryption import fernet
from tests.dynamic.listener.test_early_answers import held
from tests.dynamic.listener.test_idempotency import JSON
from tests.dynamic.listener.test_lifecycle import eventually
from tests.dynamic.receiver import is_signed, serve_receiver
from tests.dynamic.scene import ECHO
from tests.dynamic.test_memory import two

__all__ = ["held", "two"]

NOON = datetime(2036, 1, 1, 12, tzinfo=UTC)  # not due for servers that run
ANSWER = Answer(201, b'{"order": 7}', "application/json", {"Run-Id": "", "Run-Status": "success"})


@pytest.fixture
def receiver():
    with serve_receiver() as receiver:
        yield receiver


@pytest.fixture
def pipe(workshop):
    return workshop.pipe(ECHO, callback_secret=new_secret())


class Told:
    """A run that has ended, of a caller who wants to be called back."""

    def __init__(self, pipe, url, status="success", answer=ANSWER, at=NOON):
        self.at = at
        self.pipe = pipe
        self.run = Run.objects.create(
            id=new_run_id(),
            owner=pipe.owner,
            pipe=pipe,
            key_public_id="k",
            request_id="r",
            method="POST",
            status=status,
            message="It was so.",
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            late_at=at,
            ms=1500,
            input={},
            answer=None,
            trace=[],
        )
        AsyncCall.objects.create(
            run_id=self.run.pk,
            pipe=pipe,
            key_public_id="k",
            given={},
            callback_url=url,
            expires_at=at + timedelta(days=1),
        )
        note_ended([self.run.pk], at, keep(answer, 10**6) if answer else "")

    @property
    def call(self):
        return AsyncCall.objects.get(pk=self.run.pk)

    def try_due(self, allowed=project.OUTBOUND_ALLOWED):
        """Send what is due now, in the way of `CallingBack`; gives how many."""
        made = 0
        while (call := due_callbacks.claim(self.at)) is not None:
            due = due_callbacks.prepare(call, self.at)
            status, why = asyncio.run(_sent(due, allowed))
            due_callbacks.record(due, self.at, status, why)
            made += 1
        return made

    def wait(self, **delta):
        self.at += timedelta(**delta)


async def _sent(due, allowed):
    client = Client(Guard(allowed))
    await client.open()
    try:
        return await calling_back.sent(due, client)
    finally:
        await client.close()


class TestHeader:
    @pytest.fixture
    def record(self, pipe):
        return pipes.load(pipe.pk)

    def refused(self, record, url, **more):
        with pytest.raises(Refusal) as caught:
            callback_of({"callback-url": url}, record, **{"is_async": True, **more})
        assert caught.value.status == 400
        return caught.value

    def test_it_is_taken_out_of_what_the_flow_sees(self, record):
        headers = {"callback-url": "https://shop.example/done?token=t", "accept": "*/*"}
        url = callback_of(headers, record, is_async=True)
        assert (url, headers) == ("https://shop.example/done?token=t", {"accept": "*/*"})
        assert callback_of(headers, record, is_async=True) == ""

    def test_it_goes_with_respond_async_alone(self, record):
        refusal = self.refused(record, "https://shop.example/", is_async=False)
        assert refusal.code == "callback_without_async"
        assert callback_of({}, record, is_async=False) == ""

    def test_it_wants_a_pipe_that_signs(self, workshop):
        record = pipes.load(workshop.pipe(ECHO).pk)
        assert self.refused(record, "https://shop.example/").code == "no_callback_secret"

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("", "begin with"),
            ("/done", "begin with"),
            ("ftp://shop.example/", "begin with"),
            ("https://", "begin with"),
            ("https://shop.example/a b", "percent-encoded"),
            ("https://a.example/, https://b.example/", "percent-encoded"),
            ("https://user:pass@shop.example/", "user name or password"),
            ("https://shop.example/" + "x" * LONGEST, "more than"),
            ("http://shop.example/", "begin with https://"),
            ("http://10.0.0.5/", "begin with https://"),
            ("https://10.0.0.5/", "a private network"),
            ("https://[::1]/", "loopback"),
            ("https://169.254.169.254/", "link-local"),
            ("https://0x7f.1/", "odd spelling"),
        ],
    )
    def test_it_refuses_what_cannot_be_called(self, record, url, words):
        refusal = self.refused(record, url)
        assert refusal.code == "invalid_callback_url"
        assert words in refusal.detail

    def test_it_goes_without_tls_where_the_operator_allows_it_by_name(self, record, settings):
        settings.OUTBOUND_ALLOWED = Allowed.parse(["erp.internal:8080", "10.0.0.0/8", "::1"])
        for url in ("http://erp.internal:8080/", "http://10.1.2.3/", "http://[::1]:99/"):
            assert callback_of({"callback-url": url}, record, is_async=True) == url
        for url in ("http://erp.internal/", "http://11.1.2.3/", "http://shop.example/"):
            assert self.refused(record, url).code == "invalid_callback_url"


class TestMessage:
    def test_it_is_signed_and_tells_how_the_run_ended(self, pipe, receiver):
        told = Told(pipe, f"{receiver.url}/done?token=t")
        assert told.try_due() == 1
        [(path, headers, body)] = receiver.got
        assert path == "/done?token=t"
        assert is_signed(pipe.callback_secret, headers, body)
        assert not is_signed(new_secret(), headers, body)
        assert headers["webhook-id"] == told.run.pk
        assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
        assert headers["Content-Type"] == "application/json"
        assert json.loads(body) == {
            "type": "run.ended",
            "timestamp": "2026-01-01T00:00:01.500000Z",
            "data": {
                "run": told.run.pk,
                "pipe": pipe.pk,
                "status": "success",
                "http_status": 201,
                "answer": {"order": 7},
                "answer_url": f"{project.SITE_URL}/v1/dynamic/runs/{told.run.pk}/answer/",
            },
        }

    @pytest.mark.parametrize(
        ("answer", "value"),
        [
            (Answer(200, "Größe".encode(), "text/plain; charset=utf-8"), "Größe"),
            (Answer(204), None),
            (Answer(200, b"[" * 240 + b"]" * 240, "application/json"), ...),
            (Answer(409, b'{"code": "x"}', "application/problem+json"), {"code": "x"}),
        ],
        ids=["text", "nothing", "deep", "problem"],
    )
    def test_it_holds_the_answer_as_json_or_text(self, pipe, receiver, answer, value):
        assert Told(pipe, receiver.url, answer=answer).try_due() == 1
        [message] = receiver.values
        assert message["data"]["http_status"] == answer.status
        if value is not ...:
            assert message["data"]["answer"] == value

    @pytest.mark.parametrize("status", [UNKNOWN, CANCELLED])
    def test_it_tells_also_of_runs_without_an_answer(self, pipe, receiver, status):
        Told(pipe, receiver.url, status, answer=None).try_due()
        [message] = receiver.values
        assert (message["data"]["status"], message["data"]["http_status"]) == (status, 409)
        assert message["data"]["answer"]["code"] == f"run_{status}"
        assert message["data"]["answer"]["detail"] == "It was so."

    def test_it_is_due_as_soon_as_a_run_ends_in_whatever_way(self, pipe, receiver):
        for status, end in (
            ("queued", lambda run, at: ask_to_cancel(run.pk, at)),
            ("running", lambda run, at: mark_unknown(at)),  # its server is gone
        ):
            told = Told(pipe, receiver.url, status)
            AsyncCall.objects.update(callback_due_at=None)
            assert told.try_due() == 0
            end(told.run, told.at)
            assert told.try_due() == 1
        assert [value["data"]["status"] for value in receiver.values] == [CANCELLED, UNKNOWN]


class TestTries:
    def test_it_tries_five_times_and_gives_up(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        receiver.status = 500
        waits = ({"seconds": 10}, {"minutes": 1}, {"minutes": 10}, {"hours": 1})
        for number, wait in enumerate(waits, 1):
            assert told.try_due() == 1
            assert told.call.callback_tries == number
            assert told.call.callback_result == "It answered with status 500."
            told.wait(**wait)
            told.wait(microseconds=-1)
            assert told.try_due() == 0
            told.wait(microseconds=1)
        assert told.try_due() == 1
        assert told.call.callback_due_at is None
        told.wait(days=30)
        assert told.try_due() == 0
        assert len(receiver.got) == 5

    def test_it_keeps_id_and_body_and_signs_anew(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        receiver.status = 503
        told.try_due()
        told.wait(seconds=10)
        receiver.status = 200
        assert told.try_due() == 1
        (_, first, body), (_, again, same) = receiver.got
        assert (first["webhook-id"], body) == (again["webhook-id"], same)
        assert int(again["webhook-timestamp"]) == int(first["webhook-timestamp"]) + 10
        assert is_signed(pipe.callback_secret, again, same)
        assert told.call.callback_delivered_at == told.at
        told.wait(days=1)
        assert told.try_due() == 0

    def test_it_takes_any_status_of_200_to_299(self, pipe, receiver):
        for status in (200, 202, 204, 299):
            receiver.status = status
            told = Told(pipe, receiver.url)
            assert told.try_due() == 1
            assert told.call.callback_delivered_at
            assert told.call.callback_result == f"It answered with status {status}."

    def test_it_stops_at_410(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        receiver.status = 410
        assert told.try_due() == 1
        assert (told.call.callback_due_at, told.call.callback_delivered_at) == (None, None)

    def test_it_follows_no_redirect(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        receiver.status, receiver.headers = 307, {"Location": f"{receiver.url}/elsewhere"}
        told.try_due()
        assert [path for path, _, _ in receiver.got] == ["/"]
        assert told.call.callback_result == "It answered with status 307."
        assert told.call.callback_due_at

    def test_it_goes_through_the_guard(self, pipe, receiver):
        told = Told(pipe, f"{receiver.url}/?token=canary")
        assert told.try_due(allowed=Allowed()) == 1
        assert receiver.got == []
        assert "this machine itself" in told.call.callback_result
        assert "canary" not in told.call.callback_result
        assert told.call.callback_due_at

    def test_it_waits_for_so_long_and_no_longer(self, pipe, held, monkeypatch):
        monkeypatch.setattr(calling_back, "LONGEST", 0.2)
        told = Told(pipe, f"{held.url}/held")
        told.try_due()
        assert told.call.callback_result in {
            "There was no answer within 0.2 s.",
            "127.0.0.1 did not finish its answer within 0.2 s.",
        }

    def test_it_cannot_sign_without_a_secret(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        pipe.callback_secret = ""
        pipe.save()
        told.try_due()
        assert told.call.callback_result == "The pipe has no secret any more to sign with."
        assert receiver.got == []
        assert told.call.callback_due_at

    def test_one_that_no_key_opens_keeps_no_other_back(self, pipe, workshop, receiver):
        other = workshop.pipe(ECHO, "Other", callback_secret=new_secret())
        with override_settings(
            ENCRYPTION=fernet(secretfiles.MAKERS["INTEGRATOR_ENCRYPTION_KEYS"]())
        ):
            lost = Told(other, receiver.url)
            other.save()
        told = Told(pipe, f"{receiver.url}/told", at=lost.at + timedelta(seconds=1))
        with pytest.raises(ImproperlyConfigured):
            due_callbacks.prepare(due_callbacks.claim(lost.at), lost.at)
        assert told.try_due() == 1
        assert [path for path, _, _ in receiver.got] == ["/told"]

    def test_it_counts_a_try_whose_server_was_lost(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        assert due_callbacks.claim(told.at)
        assert due_callbacks.claim(told.at) is None
        told.wait(seconds=30)
        assert told.try_due() == 1
        assert told.call.callback_tries == 2

    def test_it_leaves_out_owners_of_whom_too_many_are_under_way(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        assert due_callbacks.claim(told.at, [pipe.owner_id]) is None
        assert due_callbacks.claim(told.at, [pipe.owner_id + 1])

    def test_it_lets_go_of_a_run_that_was_deleted(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        Run.objects.all().delete()
        assert due_callbacks.prepare(due_callbacks.claim(told.at), told.at) is None

    def test_a_late_record_changes_nothing(self, pipe, receiver):
        told = Told(pipe, receiver.url)
        late = due_callbacks.prepare(due_callbacks.claim(told.at), told.at)
        told.wait(seconds=30)
        told.try_due()
        due_callbacks.record(late, told.at, 500, "It answered with status 500.")
        assert told.call.callback_result == "It answered with status 204."


def test_it_is_claimed_once(pipe, receiver):
    told = Told(pipe, receiver.url)

    def claim(_):
        try:
            return due_callbacks.claim(told.at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(call is not None for call in threads.map(claim, range(8))) == 1
    assert told.call.callback_tries == 1


def test_of_two_servers_one_sends(two, pipe, receiver):
    told = [Told(pipe, f"{receiver.url}/{n}", at=datetime.now(UTC)) for n in range(10)]
    assert eventually(lambda: all(each.call.callback_delivered_at for each in told), within=15)
    assert sorted(path for path, _, _ in receiver.got) == [f"/{n}" for n in range(10)]
    assert all(is_signed(pipe.callback_secret, *message[1:]) for message in receiver.got)


def test_it_goes_on_with_the_next_as_soon_as_one_is_sent(django_door, pipe, held, monkeypatch):
    monkeypatch.setattr(calling_back, "EVERY", 3600.0)
    most = calling_back.OF_ONE_OWNER
    told = [Told(pipe, f"{held.url}/held", at=datetime.now(UTC)) for _ in range(most + 1)]
    loop_thread.current()
    assert eventually(lambda: len(held.requests_to("/held")) >= most)  # others may help
    held.let_go.set()
    assert eventually(lambda: all(each.call.callback_delivered_at for each in told))


def test_it_keeps_the_url_encrypted(pipe, receiver):
    Told(pipe, f"{receiver.url}/?token=canary")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dynamic_asynccall")
        assert "canary" not in str(cursor.fetchall())


class TestCalls:
    """From the call to the receiver, through each door."""

    @pytest.fixture
    def signing(self, scene):
        pipe = scene.pipes.echo
        pipe.callback_secret = new_secret()
        pipe.save()
        return pipe

    def send(self, scene, pipe, url, payload=None, prefer="respond-async"):
        headers = [JSON, ("Callback-Url", url)] + [("Prefer", prefer)] * bool(prefer)
        return scene.call(pipe, "POST", headers=headers, body=json.dumps(payload).encode())

    def test_the_receiver_is_told_at_the_end(self, scene, signing, receiver):
        reply = self.send(scene, signing, f"{receiver.url}/done?token=canary", {"id": 7})
        assert reply.status == 202
        assert eventually(lambda: receiver.got)
        [(path, headers, body)] = receiver.got
        assert path == "/done?token=canary"
        assert is_signed(signing.callback_secret, headers, body)
        data = json.loads(body)["data"]
        assert (data["run"], data["status"]) == (reply.headers["run-id"], "success")
        assert data["answer"]["payload"] == {"id": 7}
        assert "callback-url" not in data["answer"]["headers"]
        run = Run.objects.get()
        assert "canary" not in json.dumps([run.input, run.answer, run.trace])
        call = AsyncCall.objects.filter(callback_result="It answered with status 204.")
        assert eventually(call.exists)

    def test_what_cannot_be_called_back_is_refused(self, scene, signing, receiver):
        unsigned = scene.pipes.returning
        refused = [
            (signing, "http://10.0.0.5/", "respond-async", "invalid_callback_url"),
            (signing, receiver.url, "", "callback_without_async"),
            (unsigned, receiver.url, "respond-async", "no_callback_secret"),
        ]
        for pipe, url, prefer, code in refused:
            reply = self.send(scene, pipe, url, prefer=prefer)
            assert (reply.status, reply.json["code"]) == (400, code)
        assert not Run.objects.exists()

    def test_the_secret_is_masked_in_runs(self, scene, signing):
        secret = signing.callback_secret
        payload = {"note": f"signed with {secret}", "raw": secret.removeprefix("whsec_")}
        body = json.dumps(payload).encode()
        assert scene.call(signing, "POST", headers=[JSON], body=body).status == 200
        kept = Run.objects.get().input["payload"]
        assert kept == {"note": "signed with •••", "raw": "•••"}
