"""`manage.py apikeys …`, as operators and cron run it."""

import io
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apikeys import tokens
from apikeys.keyring import Peppers
from apikeys.models import Key, KeyEvent, KeyUse, Policy
from tests.apikeys.test_checks import new_peppers
from tests.apikeys.test_key_pages import pipe_of
from tests.doors import environment


def run(*arguments, errors=None):
    """Exit code and output. `errors` takes what goes to standard error."""
    out = io.StringIO()
    try:
        call_command("apikeys", *arguments, stdout=out, stderr=errors or io.StringIO())
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def made(*arguments):
    code, output = run(*arguments, "--json")
    assert code == 0
    return json.loads(output)


def with_new_pepper(settings):
    """The peppers there are, and a new current one."""
    old = settings.PEPPERS
    return Peppers(2, {**old.values, 2: os.urandom(32)})


CREATE = ("create", "--owner", "alice@example.com", "--name", "ERP")


class TestCreate:
    def test_it_prints_the_secret_and_nothing_else(self, alice):
        code, output = run(*CREATE)
        assert code == 0
        assert tokens.is_access_token(output.strip())
        assert [event.kind for event in alice.keys.get().events.all()] == ["created", "shown"]

    def test_it_sets_the_limits(self, alice):
        pipe = pipe_of(alice, "Stock")
        limits = ("--pipe", pipe.pk, "--network", "192.0.2.1", "--read-only", "--no-query")
        facts = made(*CREATE, "--kind", "jwt", "--days", "0", *limits, "--calls-per-minute", "9")
        key = alice.keys.get()
        assert facts["secret"].count(".") == 2
        assert (key.pipes, key.networks, key.can_write) == ([pipe.pk], ["192.0.2.1/32"], False)
        assert (key.query_allowed, key.calls_per_minute, key.expires_at) == (False, 9, None)

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("--network", "x"), "is not a network"),
            (("--pipe", "0" * 24), "has no pipe"),
            (("--days", "4000"), "days is 4000"),
        ],
    )
    def test_it_says_what_is_wrong(self, alice, arguments, sentence):
        with pytest.raises(CommandError, match=sentence):
            run(*CREATE, *arguments)
        assert not Key.objects.exists()

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("--name", " "), "a name is 1 to 100 characters"),
            (("--name", "x" * 101), "a name is 1 to 100 characters"),
            (("--calls-per-minute", "0"), "not a whole number from 1 to 1000000"),
            (("--calls-per-minute", "1000001"), "not a whole number from 1 to 1000000"),
        ],
    )
    def test_it_takes_nothing_out_of_bounds(self, alice, capsys, arguments, sentence):
        code, _ = run(*CREATE, *arguments)
        assert code == 2
        assert sentence in capsys.readouterr().err
        assert not Key.objects.exists()

    def test_it_takes_the_longest_name_and_trims_it(self, alice):
        made(*CREATE, "--name", f" {'x' * 100} ")
        assert alice.keys.get().name == "x" * 100

    def test_it_prints_no_name(self, alice):
        run(*CREATE, "--name", "\x1b[2J", errors=(errors := io.StringIO()))
        assert f"{alice.keys.get().prefix}…: shown once" in errors.getvalue()
        assert "\x1b" not in errors.getvalue()

    def test_it_names_a_pipe_once(self, alice):
        pipe = pipe_of(alice, "Stock")
        made(*CREATE, "--pipe", pipe.pk, "--pipe", pipe.pk)
        assert alice.keys.get().pipes == [pipe.pk]

    def test_it_heeds_the_policy(self, alice):
        Policy.objects.create(pk=1, longest_days=60)
        with pytest.raises(CommandError, match="at most 60 days"):
            run(*CREATE)

    def test_it_says_that_there_is_no_such_account(self, db):
        with pytest.raises(CommandError, match="There is no account"):
            run(*CREATE)


class TestList:
    def test_it_lists_by_owner_and_state(self, alice, bob):
        Key.objects.issue(alice, "Mine", "access_token", 1)
        Key.objects.issue(bob, "Bob's", "jwt", 1)[0].revoke(None)
        assert [key["name"] for key in made("list", "--owner", "ALICE@example.com")] == ["Mine"]
        assert [key["name"] for key in made("list", "--state", "revoked")] == ["Bob's"]
        assert "Mine" in run("list")[1]

    def test_it_prints_nothing_that_a_terminal_obeys(self, alice):
        Key.objects.issue(alice, "\x1b[2J\x9b2J\rGone\nforged", "access_token", 1)
        output = run("list")[1]
        assert "�[2J�2J�Gone�forged" in output
        assert len(output.splitlines()) == 2  # the head, and one a key


class TestRotate:
    def test_it_prints_a_new_secret(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        code, output = run("rotate", key.prefix, "--grace-hours", "1")
        assert code == 0
        assert tokens.is_access_token(output.strip())
        with pytest.raises(CommandError, match="is replaced"):
            run("rotate", key.public_id)

    def test_it_tells_that_a_secret_is_no_name(self, alice):
        _, text = Key.objects.issue(alice, "K", "access_token", 1)
        with pytest.raises(CommandError, match="This is a secret") as refused:
            run("rotate", text)
        assert refused.value.returncode == 2
        assert alice.keys.get().state == "live"


class TestRevoke:
    def test_it_ends_those_that_are_named(self, alice):
        one, two = (Key.objects.issue(alice, "K", "access_token", 1)[0] for _ in range(2))
        assert made("revoke", one.public_id, two.prefix) == {"revoked": 2, "unknown": []}

    def test_it_ends_the_others_where_one_is_unknown(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        with pytest.raises(CommandError, match="no key 0000000000"):
            run("revoke", "0000000000", key.public_id)
        assert alice.keys.get().state == "revoked"

    @pytest.mark.parametrize("kind", Key.Kind.values)
    def test_it_tells_that_a_secret_is_no_name(self, alice, kind):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        _, text = Key.objects.issue(alice, "K", kind, 1)
        with pytest.raises(CommandError, match="This is a secret") as refused:
            run("revoke", key.public_id, text)
        assert refused.value.returncode == 2
        assert text not in str(refused.value)
        assert Key.objects.live().count() == 2

    def test_it_ends_all_of_one_person(self, alice, bob):
        for owner in (alice, bob):
            Key.objects.issue(owner, "K", "access_token", 1)
        assert made("revoke", "--owner", "alice@example.com", "--all")["revoked"] == 1
        assert bob.keys.get().state == "live"

    def test_it_takes_leaked_ones_from_standard_input(self, alice, monkeypatch):
        _, text = Key.objects.issue(alice, "K", "access_token", 1)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\nnonsense\n"))
        assert made("revoke", "--stdin")["revoked"] == 1
        assert KeyEvent.objects.filter(kind="leaked").exists()

    def test_it_says_that_some_may_not_be_known(self, alice, monkeypatch, settings):
        Key.objects.issue(alice, "K", "access_token", 1)
        settings.PEPPERS = new_peppers()
        _, text = Key.objects.issue(alice, "K", "access_token", 1)
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        with pytest.raises(CommandError, match="Pepper 1 is missing"):
            run("revoke", "--stdin")
        assert Key.objects.live().count() == 1

    OWNER = ("--owner", "alice@example.com")

    @pytest.mark.parametrize(
        "arguments",
        [(), ("--all",), OWNER, ("x", *OWNER), ("--stdin", *OWNER), ("x", "--stdin")],
    )
    def test_it_wants_one_way_to_name_them(self, alice, monkeypatch, arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO())
        Key.objects.issue(alice, "K", "access_token", 1)
        with pytest.raises(CommandError, match="Give public ids") as refused:
            run("revoke", *arguments)
        assert refused.value.returncode == 2
        assert alice.keys.get().state == "live"


class TestPurge:
    @pytest.fixture
    def old(self, alice):
        ended = timezone.now() - timedelta(days=100)
        old, _ = Key.objects.issue(alice, "Old", "access_token", 1)
        successor, _ = old.rotate(alice, grace_hours=0)
        Key.objects.filter(pk=old.pk).update(grace_ends_at=ended)
        return old, successor

    def test_it_deletes_what_ended_long_ago(self, alice, old):
        key, successor = old
        assert made("purge", "--dry-run")["keys"] == 1
        assert Key.objects.count() == 2
        assert made("purge") == {"keys": 1, "events": 0, "dry_run": False}
        successor.refresh_from_db()
        assert successor.predecessor is None
        assert KeyEvent.objects.filter(public_id=key.public_id).count() == 2

    def test_it_deletes_events_that_are_old(self, alice):
        KeyEvent.objects.create(owner=alice, kind="denied", at=timezone.now() - timedelta(days=400))
        Key.objects.issue(alice, "K", "access_token", 1)
        assert made("purge") == {"keys": 0, "events": 1, "dry_run": False}
        assert [event.kind for event in KeyEvent.objects.all()] == ["created"]

    @pytest.mark.parametrize("days", ["0", "-1", "x", "36501"])
    def test_it_keeps_yesterdays_audit(self, db, days):
        with pytest.raises(SystemExit) as ended:
            call_command("apikeys", "purge", f"--events-days={days}")
        assert ended.value.code == 2


class TestReports:
    def test_it_tells_what_rests_on_each_secret(self, alice):
        Key.objects.issue(alice, "K", "access_token", 1)
        Key.objects.issue(alice, "J", "jwt", 1)
        (pepper,) = made("pepper-report")
        assert (pepper["pepper"], pepper["state"], pepper["live_keys"]) == (1, "current", 2)
        (kid,) = made("kid-report")
        assert (kid["state"], kid["live_keys"], kid["may_go"]) == ("signing", 1, False)

    def test_it_tells_of_one_that_is_missing_or_may_go(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        Key.objects.update(pepper=7)
        rows = {row["pepper"]: row for row in made("pepper-report")}
        assert (rows[7]["state"], rows[7]["may_go"]) == ("missing", False)
        key.revoke(None)
        assert made("pepper-report")[0]["pepper"] == 1

    def test_it_tells_in_words_whether_one_may_go(self, db, settings):
        settings.PEPPERS = with_new_pepper(settings)
        _, old, current = run("pepper-report")[1].splitlines()
        assert old.endswith("yes, no live key needs it")
        assert current.endswith("  no")

    def test_it_writes_moments_as_iso_8601(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        assert made("pepper-report")[0]["last_used_at"] is None
        KeyUse.objects.create(key=key, last_used_at=timezone.now())
        (pepper,) = made("pepper-report")
        assert datetime.fromisoformat(pepper["last_used_at"]) == key.use.last_used_at
        assert "T" in pepper["last_used_at"]


@pytest.mark.django_db(transaction=True)
def test_it_runs_as_a_process():
    process = subprocess.run(
        [sys.executable, "manage.py", "apikeys", "list", "--json"],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (process.returncode, json.loads(process.stdout)) == (0, [])
