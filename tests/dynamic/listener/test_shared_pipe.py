"""Somebody else's pipe, called with keys of an account that it is shared with."""

import json

import pytest
from django.db import transaction

from apikeys import narrowing
from apikeys.models import Key, KeyEvent
from dynamic.listener import loop_thread
from dynamic.models import Pipe, Run, Share
from tests.dynamic.listener.test_idempotency import writing
from tests.dynamic.listener.test_lifecycle import eventually
from tests.dynamic.listener.test_queue import queue, stand
from tests.dynamic.scene import ECHO
from tests.dynamic.test_memory import HELLO, delete, settles, two

__all__ = ["two"]

JSON = [("Content-Type", "application/json")]


def share(pipe, account, role="editor"):
    return Share.objects.create(owner=pipe.owner, account=account, role=role, pipe=pipe)


def key_of(account, **grants):
    return Key.objects.issue(account, "Bob's key", "access_token", 1, **grants)


class TestCalling:
    def test_it_is_called_by_an_editor_and_the_run_is_its_owners(self, scene, bob):
        pipe = scene.pipes.echo
        share(pipe, bob)
        key, token = key_of(bob)
        reply = scene.call(pipe, "POST", body=b"[1]", headers=JSON, token=token)
        assert (reply.status, reply.json["payload"]) == (200, [1])
        run = Run.objects.get()
        assert (run.owner, run.pipe, run.key_public_id) == (pipe.owner, pipe, key.public_id)
        assert token not in json.dumps(run.input)

    @pytest.mark.parametrize("role", ["viewer", None])
    def test_it_is_as_unknown_to_others_as_one_that_never_was(self, scene, bob, role):
        pipe = scene.pipes.echo
        if role:
            share(pipe, bob, role)
        _, token = key_of(bob)
        refused, unknown = scene.call(pipe, token=token), scene.call("0" * 24, token=token)
        assert refused.status == unknown.status == 404
        assert {**refused.json, "request_id": ""} == {**unknown.json, "request_id": ""}

    def test_it_makes_the_calls_of_its_owners_systems(self, scene, bob, upstream):
        pipe = scene.pipes.order
        share(pipe, bob)
        scene.workshop.__class__(bob, upstream.url).system("shop")
        _, token = key_of(bob)
        reply = scene.call(pipe, query="order_id=1001", token=token)
        assert (reply.status, reply.json["order"]) == (200, "1001")

    def test_it_heeds_what_the_key_is_limited_to(self, scene, bob):
        pipe = scene.pipes.echo
        share(pipe, bob)
        for grants, method, status in [
            ({"pipes": [pipe.pk]}, "GET", 200),
            ({"pipes": []}, "GET", 403),
            ({"can_write": False}, "POST", 403),
            ({"calls_per_minute": 5}, "GET", 200),
        ]:
            _, token = key_of(bob, **grants)
            assert scene.call(pipe, method, token=token).status == status, grants

    def test_it_tells_the_keys_owner_of_a_refusal(self, scene, bob):
        key, token = key_of(bob)
        reply = scene.call(scene.pipes.echo, token=token)
        request_id = reply.headers["request-id"]
        event = eventually(lambda: KeyEvent.objects.filter(request_id=request_id).first())
        assert (event.owner, event.public_id, event.reason) == (bob, key.public_id, "no such pipe")

    def test_it_keeps_repeats_of_its_callers_apart(self, scene, bob):
        pipe = scene.pipes.echo
        share(pipe, bob)
        _, token = key_of(bob)
        headers = [*JSON, ("Idempotency-Key", '"one"')]
        replies = [
            scene.call(pipe, "POST", body=b"1", headers=headers, token=each)
            for each in (scene.token, scene.token, token, token)
        ]
        assert [reply.status for reply in replies] == [200] * 4, replies
        runs = [reply.headers["run-id"] for reply in replies]
        assert (runs[0], runs[2]) == (runs[1], runs[3])
        assert runs[0] != runs[2]


class TestWithinASecond:
    @pytest.mark.parametrize(
        ("act", "status"),
        [
            (lambda share: share.delete(), 404),
            (lambda share: Share.objects.update(role="viewer"), 404),
            (lambda share: delete(share.owner), 404),
            (
                lambda share: (
                    type(share.owner).objects.filter(pk=share.owner_id).update(is_active=False)
                ),
                404,
            ),
            (lambda share: delete(share.account), 401),
            (lambda share: Pipe.objects.update(enabled=False), 400),
        ],
        ids=["withdrawn", "a viewer now", "owner gone", "owner off", "account gone", "pipe off"],
    )
    def test_it_ends_on_every_server(self, two, workshop, bob, act, status):
        pipe = workshop.pipe(HELLO)
        _, token = key_of(bob)
        assert settles(two, pipe, token, 404)
        given = share(pipe, bob)
        assert settles(two, pipe, token, 200), "given"
        act(given)
        assert settles(two, pipe, token, status)

    def test_it_takes_nothing_from_its_owner(self, two, workshop, bob):
        pipe = workshop.pipe(HELLO)
        _, token = workshop.key()
        share(pipe, bob).delete()
        assert settles(two, pipe, token, 200)


class TestQueued:
    @pytest.mark.parametrize(("role", "status"), [("editor", "success"), ("viewer", "cancelled")])
    def test_it_begins_for_who_is_an_editor_then(
        self, django_door, workshop, upstream, bob, role, status
    ):
        pipe, (key, _) = writing(workshop), key_of(bob)
        share(pipe, bob, role)
        with transaction.atomic():
            run = queue(pipe, key)
        loop_thread.current()
        assert eventually(lambda: stand(run) == status)
        assert bool(upstream.seen) is (status == "success")


class TestNarrowing:
    def test_it_leaves_a_key_the_shared_pipes_that_it_called(self, scene, bob):
        called, idle = scene.pipes.echo, scene.workshop.pipe(ECHO, "Idle")
        share(called, bob)
        share(idle, bob)
        key, token = key_of(bob)
        assert scene.call(called, token=token).status == 200
        eventually(lambda: narrowing.unused(key))
        unused = narrowing.unused(key)
        assert unused.pipes == {idle.pk: f"Idle (of {idle.owner.email})"}
        assert narrowing.narrow(key, bob)
        key.refresh_from_db()
        assert key.pipes == [called.pk]
