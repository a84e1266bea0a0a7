"""`manage.py apikeys …`, as operators and cron run it."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apikeys import tokens
from apikeys.models import Key, KeyEvent, Policy
from tests.apikeys.test_key_pages import pipe_of
from tests.doors import environment


def run(*arguments):
    """Exit code and output."""
    out = io.StringIO()
    try:
        call_command("apikeys", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def made(*arguments):
    code, output = run(*arguments, "--json")
    assert code == 0
    return json.loads(output)


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


class TestRotate:
    def test_it_prints_a_new_secret(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        code, output = run("rotate", key.prefix, "--grace-hours", "1")
        assert code == 0
        assert tokens.is_access_token(output.strip())
        with pytest.raises(CommandError, match="is replaced"):
            run("rotate", key.public_id)


class TestRevoke:
    def test_it_ends_those_that_are_named(self, alice):
        one, two = (Key.objects.issue(alice, "K", "access_token", 1)[0] for _ in range(2))
        assert made("revoke", one.public_id, two.prefix) == {"revoked": 2, "unknown": []}

    def test_it_ends_the_others_where_one_is_unknown(self, alice):
        key, _ = Key.objects.issue(alice, "K", "access_token", 1)
        with pytest.raises(CommandError, match="no key 0000000000"):
            run("revoke", "0000000000", key.public_id)
        assert alice.keys.get().state == "revoked"

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

    @pytest.mark.parametrize("arguments", [(), ("--all",), ("x", "--stdin")])
    def test_it_wants_one_way_to_name_them(self, db, arguments):
        with pytest.raises(CommandError) as refused:
            run("revoke", *arguments)
        assert refused.value.returncode == 2


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

    @pytest.mark.parametrize("days", ["0", "-1", "x"])
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


class TestScan:
    def test_it_tells_which_are_alive(self, alice, tmp_path):
        _, live = Key.objects.issue(alice, "Live", "access_token", 1)
        ended, ended_text = Key.objects.issue(alice, "Ended", "jwt", 1)
        ended.revoke(None)
        unknown = tokens.make_access_token(tokens.new_public_id())
        (tmp_path / "log").write_text(f"{live}\n{ended_text}\n{unknown}\n{live}\n")
        code, output = run("scan", str(tmp_path), "--json")
        rows = json.loads(output)["keys"]
        assert code == 3
        assert sorted(row["state"] for row in rows) == ["live", "revoked", "unknown"]
        assert len(rows[0]["where"]) == 2
        assert not [text for text in (live, ended_text, unknown) if text[15:] in output]

    def test_it_ends_them(self, alice, tmp_path):
        _, live = Key.objects.issue(alice, "Live", "access_token", 1)
        (tmp_path / "log").write_text(live)
        code, output = run("scan", str(tmp_path), "--revoke")
        assert (code, alice.keys.get().state) == (0, "revoked")
        assert "revoked now" in output

    def test_it_says_that_there_is_no_repository(self, db, tmp_path):
        with pytest.raises(CommandError, match="no git repository"):
            run("scan", "--git", str(tmp_path))


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
