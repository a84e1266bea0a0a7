"""The queue of runs whose callers do not wait: shared by servers, kept over restarts and kills."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apikeys.store import UNREACHABLE
from dynamic.listener import loop_thread
from dynamic.listener import queue as queue_of_server
from dynamic.listener.queue import AT_ONCE, OF_ONE_OWNER
from dynamic.models import AsyncCall, Pipe, Run
from dynamic.models.async_call import forget_expired
from dynamic.models.run import new_run_id
from dynamic.runs.cancelling import UNDER_WAY, Asked, ask_to_cancel
from dynamic.runs.queued import put
from dynamic.runs.unfinished import mark_unknown
from integrator import secretfiles
from integrator.encryption import fernet
from tests.doors import PREFIX, AsgiDoor
from tests.dynamic.listener.test_crash import AGES
from tests.dynamic.listener.test_early_answers import held
from tests.dynamic.listener.test_idempotency import JSON, writing
from tests.dynamic.listener.test_lifecycle import eventually
from tests.dynamic.listener.test_respond_async import ASYNC, ended, send
from tests.dynamic.scene import make_scene
from tests.dynamic.test_memory import two

__all__ = ["held", "two"]


@pytest.fixture
def alone(settings, django_door, workshop, bob):
    """A scene whose server alone takes what it has queued: others cannot open what came in."""
    settings.ENCRYPTION = fernet(secretfiles.MAKERS["INTEGRATOR_ENCRYPTION_KEYS"]())
    return make_scene(django_door, workshop, bob)


def send_to(server, pipe, token, number=7):
    headers = [JSON, ASYNC, ("Access-Token", token)]
    body = json.dumps({"id": number}).encode()

    def reply():
        reply = server.request("POST", f"{PREFIX}{pipe.id}", headers, body)
        # A server that has just started on a busy machine says that it is to be asked again.
        return None if reply.status == 503 and reply.json["code"] == "unavailable" else reply

    taken = eventually(reply, within=20)
    assert taken.status == 202, taken.body
    return taken


def stand(run):
    run.refresh_from_db()
    return run.status


def queue(pipe, key):
    """A run as a server leaves it that stops before it began; begun by any that is there."""
    run = Run(
        **{"id": new_run_id(), "owner": pipe.owner, "pipe": pipe, "key_public_id": key.public_id},
        **{"request_id": "r", "method": "POST", "status": "queued", "ms": 1, "trace": []},
        **{"started_at": timezone.now() - AGES, "input": {}, "answer": None},
        address="127.0.0.1",
    )
    given = {"method": "POST", "query": {}, "headers": {}, "payload": {"id": 7}}
    call = AsyncCall(run_id=run.pk, pipe=pipe, given=given, expires_at=timezone.now())
    put(run, call, None)
    return run


class Shop:
    """A pipe that is held up upstream, and one call of it that is under way."""

    def __init__(self, scene, held, **fields):
        self.pipe = writing(scene.workshop, "/held", **fields)
        self.first = send(scene, self.pipe)
        assert eventually(lambda: held.requests_to("/held"))

    @property
    def run(self):
        return Run.objects.get(pk=self.first.json["run"])


class TestPlaces:
    def test_it_leaves_places_for_other_owners(self, alone, held, bob):
        pipe = writing(alone.workshop, "/held")
        replies = [send(alone, pipe) for _ in range(AT_ONCE + 1)]
        assert eventually(lambda: len(held.requests_to("/held")) == OF_ONE_OWNER)
        flow = bob.flows.create(slug="one", name="One", draft="version: 1\nsteps: [return: {}]\n")
        flow.publish()
        _, token = bob.keys.issue(bob, "Bob's", "access_token", 1)
        ended(send_to(alone.door, bob.pipes.create(name="One", flow=flow), token))
        assert len(held.requests_to("/held")) == OF_ONE_OWNER
        queued = Run.objects.filter(pipe=pipe, status="queued").order_by("pk")
        waiting = [reply.json["run"] for reply in replies[OF_ONE_OWNER:]]
        assert [run.pk for run in queued] == waiting
        held.let_go.set()
        for reply in replies:
            ended(reply)
        assert len(held.requests_to("/held")) == len(replies)

    def test_it_holds_to_how_many_of_a_pipe_may_be_at_once(self, alone, held):
        shop = Shop(alone, held, at_once=1)
        later = [send(alone, shop.pipe) for _ in range(3)]
        ended(send(alone, alone.pipes.echo))
        queued = Run.objects.filter(status="queued").order_by("pk")
        assert [run.pk for run in queued] == [reply.json["run"] for reply in later]
        assert len(held.requests_to("/held")) == 1
        held.let_go.set()
        began = [ended(reply).started_at for reply in [shop.first, *later]]
        assert began == sorted(began), "the oldest is the first"

    def test_it_begins_the_next_of_a_pipe_as_soon_as_a_place_is_free(
        self, alone, held, monkeypatch
    ):
        monkeypatch.setattr(queue_of_server, "LONGEST_REST", 3600.0)
        shop = Shop(alone, held, at_once=1)
        later = [send(alone, shop.pipe) for _ in range(3)]
        ended(send(alone, alone.pipes.echo))  # those before it have found no place
        held.let_go.set()
        for reply in [shop.first, *later]:
            ended(reply)


class TestRights:
    """What was allowed when the call came may not be any more when it is to begin."""

    @pytest.mark.parametrize(
        ("act", "message"),
        [
            (lambda key, pipe: key.revoke(key.owner), "This key has been revoked."),
            (lambda key, pipe: key.change(key.owner, pipes=[]), "This key may not call this pipe."),
            (
                lambda key, pipe: key.change(key.owner, networks=["10.0.0.0/8"]),
                "This key may not call from this address.",
            ),
            (lambda key, pipe: change(pipe, enabled=False), "This pipe is switched off."),
            (lambda key, pipe: change(pipe, archived_at=timezone.now()), "This pipe is archived"),
            (lambda key, pipe: change(pipe, methods=["GET"]), "This pipe takes GET"),
        ],
        ids=["revoked", "not granted", "network", "off", "archived", "method"],
    )
    def test_it_does_not_begin(self, django_door, workshop, upstream, act, message):
        pipe, (key, _) = writing(workshop), workshop.key()
        with transaction.atomic():
            run = queue(pipe, key)
            act(key, pipe)
        loop_thread.current()
        assert eventually(lambda: stand(run) == "cancelled")
        assert run.message.startswith(f"It was not begun: {message}")
        assert not upstream.seen
        call = AsyncCall.objects.get()
        assert (call.given, call.answer) == ({}, "")


def change(pipe, **fields):
    Pipe.objects.filter(pk=pipe.pk).update(**fields)


def test_it_says_which_version_ran(django_door, workshop):
    pipe, (key, _) = writing(workshop), workshop.key()
    with transaction.atomic():
        run = queue(pipe, key)
        Run.objects.update(flow_version=1)  # when the call came
        pipe.flow.draft = TWO_STEPS
        pipe.flow.save()
        pipe.flow.publish()
    loop_thread.current()
    assert eventually(lambda: stand(run) == "success")
    assert [step["step"] for step in run.trace] == ["steps[0]", "second"]
    assert run.flow_version == 2


class TestServers:
    def test_it_keeps_what_waits_over_a_restart(self, alone, held):
        shop = Shop(alone, held, at_once=1)
        later = send(alone, shop.pipe)
        with ThreadPoolExecutor(1) as threads:
            closing = threads.submit(loop_thread.close)
            assert eventually(lambda: not loop_thread._current or not queue_is_open())
            held.let_go.set()
            closing.result()
        assert shop.run.status == "success"
        waiting = Run.objects.get(pk=later.json["run"])
        assert waiting.status == "queued"
        Run.objects.filter(pk=waiting.pk).update(late_at=timezone.now() - AGES)
        assert not mark_unknown(timezone.now()), "it may wait as long as it takes"
        loop_thread.current()
        assert ended(later).started_at > shop.run.started_at
        assert len(held.requests_to("/held")) == 2

    def test_it_runs_each_once_on_two_servers(self, two, workshop, upstream):
        pipe, (_, token) = writing(workshop), workshop.key()
        with ThreadPoolExecutor(4) as threads:
            calls = [
                threads.submit(send_to, two[number % 2], pipe, token, number)
                for number in range(20)
            ]
        runs = {call.result().json["run"] for call in calls}
        assert eventually(lambda: Run.objects.filter(status="success").count() == 20, within=20)
        assert set(Run.objects.values_list("pk", flat=True)) == runs
        assert len(upstream.requests_to("/echo")) == 20

    def test_it_never_runs_again_what_a_kill_cut_off(self, two, workshop, held, tmp_path):
        pipe, (_, token) = writing(workshop, "/held", at_once=1), workshop.key()
        waiting = [JSON, ("Access-Token", token)]
        killed = AsgiDoor(tmp_path / "log.txt")
        with ThreadPoolExecutor(2) as threads:
            # The others have no place for it, so the one to be killed takes it.
            busy = [
                threads.submit(server.request, "POST", f"{PREFIX}{pipe.id}", waiting, b"{}")
                for server in two
            ]
            assert eventually(lambda: len(held.requests_to("/held")) == 2)
            cut_off = Run.objects.get(pk=send_to(killed, pipe, token).json["run"])
            assert eventually(lambda: len(held.requests_to("/held")) == 3)
            killed.kill()
            held.let_go.set()
            assert [call.result().status for call in busy] == [201, 201]
        ended(send_to(two[0], pipe, token))
        assert stand(cut_off) == "running", "as far as anybody knows"
        Run.objects.filter(pk=cut_off.pk).update(late_at=timezone.now() - AGES)
        mark_unknown(timezone.now())  # where no server has done so already
        ended(send_to(two[1], pipe, token))
        assert stand(cut_off) == "unknown"
        assert len(held.requests_to("/held")) == 5
        call = AsyncCall.objects.get(pk=cut_off.pk)
        assert (call.given, call.answer) == ({}, "")


class TestSlowDatabase:
    def test_it_runs_what_the_database_begins_late(self, alone, held, monkeypatch):
        pipe = writing(alone.workshop, "/held", at_once=1)
        with ThreadPoolExecutor(1) as threads:
            call = threads.submit(alone.call, pipe)
            assert eventually(lambda: held.requests_to("/held"))
            later = send(alone, pipe)
            promises = loop_thread._current.runtime.promises
            monkeypatch.setattr(promises, "_longest_wait", 0.3)
            before = UNREACHABLE["promises"]
            with transaction.atomic():
                Run.objects.filter(pk=later.json["run"]).update(ms=2)  # nobody else can now
                held.let_go.set()
                assert call.result().status == 201
                # Its place is free, so it is begun; whoever waits no longer says so here.
                eventually(lambda: UNREACHABLE["promises"] > before, within=3)
        ended(later)
        assert len(held.requests_to("/held")) == 2


def queue_is_open():
    return loop_thread._current.runtime.queue.is_open


class TestCancelling:
    def test_it_cancels_what_waits_at_once(self, alone, held):
        shop = Shop(alone, held, at_once=1)
        waiting = Run.objects.get(pk=send(alone, shop.pipe).json["run"])
        assert ask_to_cancel(waiting.pk, timezone.now()) == Asked.CANCELLED
        assert stand(waiting) == "cancelled"
        assert ask_to_cancel(waiting.pk, timezone.now()) == Asked.ENDED
        held.let_go.set()
        ended(shop.first)
        ended(send(alone, shop.pipe))
        assert stand(waiting) == "cancelled"
        assert len(held.requests_to("/held")) == 2

    def test_it_ends_what_runs_within_moments(self, scene, held):
        shop = Shop(scene, held, document=TWO_STEPS)
        run = shop.run
        for _ in range(2):
            assert ask_to_cancel(run.pk, timezone.now()) == Asked.ASKED
        assert eventually(lambda: stand(run) == "cancelled")
        assert run.message == UNDER_WAY
        assert [step["step"] for step in run.trace] == ["steps[0]", "second"]
        assert run.trace[1]["error"] == "The run ended while this step was under way."
        assert (run.http_status, run.input["payload"]) == (None, {"id": 7})
        assert ask_to_cancel(run.pk, timezone.now()) == Asked.ENDED
        ended(send(scene, scene.pipes.echo))

    def test_it_cancels_nothing_whose_caller_waits(self, scene, held):
        pipe = writing(scene.workshop, "/held")
        with ThreadPoolExecutor(1) as threads:
            call = threads.submit(scene.call, pipe, "POST", headers=[JSON], body=b"{}")
            assert eventually(lambda: held.requests_to("/held"))
            assert ask_to_cancel(Run.objects.get().pk, timezone.now()) == Asked.NOT_ASYNC
            held.let_go.set()
            assert call.result().status == 201


TWO_STEPS = """
version: 1
steps:
  - set: {first: "{{ payload.id }}"}
  - {call: second, api: shop/write}
"""


class TestRows:
    def test_it_gives_up_what_nobody_can_run_any_more(self, workshop):
        pipe, (key, _) = writing(workshop), workshop.key()
        with transaction.atomic():
            run = queue(pipe, key)
            AsyncCall.objects.all().delete()
        mark_unknown(timezone.now())  # where no server has done so already
        assert stand(run) == "unknown"
        assert run.message == "It was never begun: what it was to be run with is gone."

    def test_it_forgets_calls_a_day_after_they_ended(self, alone, held):
        gone, kept = (ended(send(alone, alone.pipes.echo)) for _ in range(2))
        late = AsyncCall.objects.get(pk=kept.pk).expires_at - timezone.now()
        assert timedelta(hours=23) < late <= timedelta(hours=24)
        shop = Shop(alone, held, at_once=1)
        waiting = send(alone, shop.pipe).json["run"]
        AsyncCall.objects.exclude(pk=kept.pk).update(expires_at=timezone.now())
        forget_expired(timezone.now())
        left = {kept.pk, shop.run.pk, waiting}
        assert set(AsyncCall.objects.values_list("pk", flat=True)) == left
        assert Run.objects.filter(pk=gone.pk).exists()
        held.let_go.set()
        assert eventually(lambda: stand(Run.objects.get(pk=waiting)) == "success")
