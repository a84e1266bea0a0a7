"""Keys change while servers run: two real processes see it within a second; uses are noted."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as project

from apikeys import narrowing, records, tokens
from apikeys.keyring import Peppers
from apikeys.models import Key, KeyUse, Policy
from apikeys.notebook import Notebook
from apikeys.presented import Presented
from apikeys.verify import Denied, caller_of, claim_of
from integrator import secretfiles
from tests.doors import PREFIX, AsgiDoor
from tests.dynamic.test_memory import HELLO, settles, two

__all__ = ["two"]


def eventually(look, within=5.0):
    until = time.monotonic() + within
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    return look()


class TestWithinASecond:
    @pytest.mark.parametrize(
        ("act", "status"),
        [
            (lambda key, alice: key.rotate(alice, grace_hours=0), 401),
            (lambda key, alice: Key.objects.filter(owner=alice).revoke(alice), 401),
            (lambda key, alice: key.change(alice, networks=["10.0.0.0/8"]), 403),
            (lambda key, alice: key.change(alice, pipes=[]), 403),
            (lambda key, alice: type(alice).objects.update(is_active=False), 401),
        ],
        ids=["replaced", "all revoked", "network", "pipes", "owner off"],
    )
    def test_it_holds_on_every_server(self, two, workshop, alice, act, status):
        pipe = workshop.pipe(HELLO)
        key, text = workshop.key()
        assert settles(two, pipe, text, 200)
        act(key, alice)
        assert settles(two, pipe, text, status)

    def test_it_forbids_the_query_for_the_whole_site(self, two, workshop):
        pipe = workshop.pipe(HELLO)
        _, text = workshop.key()

        def statuses():
            target = f"{PREFIX}{pipe.id}?access_token={text}"
            return {server.request("GET", target).status for server in two}

        assert statuses() == {200}
        Policy.objects.create(pk=1, query_allowed=False)
        assert eventually(lambda: statuses() == {403}, within=1.0)
        assert settles(two, pipe, text, 200)

    def test_it_takes_both_secrets_during_the_grace(self, two, workshop, alice):
        pipe = workshop.pipe(HELLO)
        key, old = workshop.key()
        _, new = key.rotate(alice, grace_hours=1)
        assert settles(two, pipe, new, 200)
        assert settles(two, pipe, old, 200)


class TestInstant:
    """Valid while now < the end: to the microsecond."""

    @pytest.mark.parametrize("field", ["expires_at", "grace_ends_at"])
    def test_it_ends_at_the_instant(self, alice, settings, field):
        end = datetime(2026, 6, 1, 12, tzinfo=UTC)
        key, text = Key.objects.issue(alice, "K", "access_token", 0)
        Key.objects.update(**{field: end})
        presented = Presented(text, "header")
        record, claim = records.load(key.public_id), claim_of(presented, settings.JWT_KEYS)

        def at(now):
            return caller_of(claim, record, presented, "127.0.0.1", settings.PEPPERS, now)

        assert at(end - timedelta(microseconds=1)).record.key_id == key.pk
        with pytest.raises(Denied):
            at(end)


class TestUse:
    def test_it_notes_fifty_callers_in_one_write(self, workshop, tmp_path):
        pipe = workshop.pipe(HELLO)
        _, text = workshop.key()
        server = AsgiDoor(tmp_path / "log.txt")
        try:
            call = [("Access-Token", text)]
            target = f"{PREFIX}{pipe.id}"
            with ThreadPoolExecutor(16) as threads:
                calls = [threads.submit(server.request, "GET", target, call) for _ in range(50)]
            assert {one.result().status for one in calls} == {200}
            first = eventually(KeyUse.objects.first)
            assert first.pipes.keys() == {pipe.id}
            # One write, whenever it fell: what came after it waits for the minute to pass.
            noted = KeyUse.objects.get().noted_at
            for _ in range(5):
                server.request("GET", target, call)
            assert KeyUse.objects.get().noted_at == noted
        finally:
            server.close()
        assert KeyUse.objects.get().count == 55

    def test_it_costs_no_change_that_others_would_have_to_heed(self, workshop, django_door):
        from apikeys.models import Change

        pipe = workshop.pipe(HELLO)
        _, text = workshop.key()
        before = Change.objects.count()
        target = f"{PREFIX}{pipe.id}"
        assert django_door.request("GET", target, [("Access-Token", text)]).status == 200
        assert eventually(KeyUse.objects.exists)
        assert Change.objects.count() == before

    def test_it_shows_what_a_key_never_needed(self, workshop, alice, django_door):
        called, idle = workshop.pipe(HELLO, "Called"), workshop.pipe(HELLO, "Idle")
        key, text = workshop.key()
        django_door.request("GET", f"{PREFIX}{called.id}", [("Access-Token", text)])
        assert eventually(KeyUse.objects.exists)
        unused = narrowing.unused(key)
        assert (unused.pipes, unused.read, unused.write) == ({idle.id: "Idle"}, False, True)
        assert narrowing.narrow(key, alice)
        key.refresh_from_db()
        assert (key.pipes, key.can_write) == ([called.id], False)


class TestPeppers:
    def test_it_brings_a_used_key_to_the_current_pepper(self, workshop, tmp_path):
        pipe = workshop.pipe(HELLO)
        texts = [workshop.key(kind)[1] for kind in ("access_token", "jwt")]
        old = secretfiles.read(project.DATA, "INTEGRATOR_PEPPERS")
        new = secretfiles.MAKERS["INTEGRATOR_PEPPERS"]().replace("1:", "2:", 1)
        for number, peppers in enumerate((f"{old} {new}", new)):
            server = AsgiDoor(tmp_path / f"{number}.txt", INTEGRATOR_PEPPERS=peppers)
            try:
                for text in texts * 2:
                    reply = server.request("GET", f"{PREFIX}{pipe.id}", [("Access-Token", text)])
                    assert reply.status == 200
                assert eventually(lambda: [key.pepper for key in Key.objects.all()] == [2, 2])
            finally:
                server.close()

    def test_it_never_goes_back_to_an_older_one(self, alice, settings):
        key, text = Key.objects.issue(alice, "K", "access_token", 1)
        record = records.load(key.public_id)
        Key.objects.update(pepper=3)
        new = secretfiles.MAKERS["INTEGRATOR_PEPPERS"]().replace("1:", "2:", 1)
        old = secretfiles.read(settings.DATA, "INTEGRATOR_PEPPERS")
        settings.PEPPERS = Peppers.parse(f"{old} {new}")
        notebook = Notebook()
        notebook.rehashes.note(record, tokens.read(text, settings.JWT_KEYS))
        notebook.write_due()
        assert Key.objects.get().pepper == 3
