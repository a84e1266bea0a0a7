"""What workers remember, and how soon they forget: two real server processes on one database."""

import time
from contextlib import suppress

import pytest
from django.db import IntegrityError

from apikeys.models import Change, Key
from dynamic.models import ApiCall, Credential, Flow, FlowVersion, Pipe, Share, System
from tests.doors import PREFIX

HELLO = "version: 1\nsteps:\n  - return: {body: hello}\n"
WITHIN = 1.0  # seconds: the promise


@pytest.fixture
def two(transactional_db, servers):
    return servers.up_to(2)


def call(server, pipe, token):
    return server.request("GET", f"{PREFIX}{pipe.id}", [("Access-Token", token)])


def settles(servers, pipe, token, status, body=None):
    """Whether each server answers so within the promised time."""
    until = time.monotonic() + WITHIN
    waiting = list(servers)
    while waiting and time.monotonic() < until:
        reply = call(waiting[0], pipe, token)
        if reply.status == status and body in (None, reply.body):
            waiting.pop(0)
        else:
            time.sleep(0.02)
    return not waiting


def quiet(servers, pipe, bob):
    """Return once each server has heard of all that was made so far, and forgets no more of it.

    What tells is a change of Bob's, so that it is not itself one more thing to be heard of.
    """
    key, text = Key.objects.issue(bob, "Quiet", "access_token", 1)
    assert settles(servers, pipe, text, 404)
    key.revoke(bob)
    assert settles(servers, pipe, text, 401)


def delete(owner):
    """On PostgreSQL a deletion may meet servers that note a use of the key in that moment."""
    for _ in range(4):
        with suppress(IntegrityError):
            return type(owner).objects.get(pk=owner.pk).delete()
    return owner.delete()


def test_it_holds_a_revocation_on_every_server_within_a_second(two, workshop, alice):
    pipe = workshop.pipe(HELLO)
    key, token = workshop.key()
    assert settles(two, pipe, token, 200)
    key.revoke(alice)
    assert settles(two, pipe, token, 401)


@pytest.mark.parametrize(
    ("change", "status", "body"),
    [
        (lambda pipe: Pipe.objects.update(enabled=False), 400, None),
        (lambda pipe: pipe.delete(), 404, None),
        (lambda pipe: type(pipe.owner).objects.update(is_active=False), 401, None),
        (lambda pipe: delete(pipe.owner), 401, None),
    ],
    ids=["pipe off", "pipe deleted", "owner off", "owner deleted"],
)
def test_it_sees_a_change_however_it_was_made(two, workshop, change, status, body):
    pipe = workshop.pipe(HELLO)
    _, token = workshop.key()
    assert settles(two, pipe, token, 200)
    change(Pipe.objects.select_related("owner").get(pk=pipe.pk))
    assert settles(two, pipe, token, status, body)


def test_it_runs_a_newly_published_version(two, workshop):
    pipe = workshop.pipe(HELLO)
    _, token = workshop.key()
    assert settles(two, pipe, token, 200, b'"hello"')
    pipe.flow.draft = HELLO.replace("hello", "again")
    pipe.flow.save()
    assert not settles(two[:1], pipe, token, 200, b'"again"'), "a draft is not run"
    pipe.flow.publish()
    assert settles(two, pipe, token, 200, b'"again"')


class TestTriggers:
    def owners_noted_by(self, act):
        before = Change.objects.count()
        act()
        return set(Change.objects.order_by("id")[before:].values_list("owner_id", flat=True))

    def test_it_notes_every_change_of_what_is_remembered(self, workshop, alice, bob, upstream):
        system = workshop.system("s", "", "basic", {"username": "u", "secret": "secret"})
        call = workshop.call(system, "c", "/echo")
        pipe = workshop.pipe(HELLO)
        key, _ = workshop.key()
        noted = self.owners_noted_by
        mine = {alice.pk}
        assert noted(lambda: System.objects.update(name="x")) == mine
        assert noted(lambda: Credential.objects.update(name="x")) == mine
        assert noted(lambda: ApiCall.objects.update(name="x")) == mine
        assert noted(lambda: pipe.flow.versions.create(number=9, source=HELLO)) == mine
        assert noted(lambda: Pipe.objects.update(name="x")) == mine
        share = Share(owner=alice, account=bob, role="viewer", pipe=pipe)
        assert noted(share.save) == mine
        assert noted(lambda: Share.objects.update(role="editor")) == mine
        assert noted(share.delete) == mine
        assert noted(lambda: key.revoke(alice)) == mine
        assert noted(lambda: key.delete()) == mine
        assert noted(lambda: call.delete()) == mine
        assert noted(lambda: type(alice).objects.filter(pk=alice.pk).update(first_name="x")) == mine

    def test_it_notes_both_owners_of_what_is_moved(self, workshop, alice, bob):
        pipe = workshop.pipe(HELLO)
        moved = self.owners_noted_by(lambda: Pipe.objects.filter(pk=pipe.pk).update(owner=bob))
        assert moved == {alice.pk, bob.pk}

    def test_it_notes_nothing_for_drafts_and_runs(self, workshop):
        pipe = workshop.pipe(HELLO)
        assert self.owners_noted_by(lambda: Flow.objects.update(draft="x")) == set()
        assert FlowVersion.objects.filter(flow=pipe.flow).exists()
