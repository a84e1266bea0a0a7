"""Keys that encrypt: told apart, rotated for real, and missed loudly."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now

from apikeys.models import Change
from dynamic import encrypted
from dynamic.models import (
    AsyncCall,
    Consent,
    Credential,
    Flow,
    IdempotentCall,
    IssuedToken,
    Simulation,
    System,
)
from integrator import secretfiles
from integrator.encryption import fernet
from tests.doors import AsgiDoor, environment

OLD = secretfiles.MAKERS["INTEGRATOR_ENCRYPTION_KEYS"]()
NEW = secretfiles.MAKERS["INTEGRATOR_ENCRYPTION_KEYS"]()
TABLES = (
    *("dynamic_credential", "dynamic_issuedtoken", "dynamic_consent", "dynamic_simulation"),
    *("dynamic_idempotentcall", "dynamic_pipe", "dynamic_asynccall"),
)
COLUMNS = 11


@pytest.fixture
def old_key(settings):
    settings.ENCRYPTION = fernet(OLD)


def make(owner, number=1):
    """A value in each encrypted column for each of so many credentials."""
    system = System.objects.create(
        owner=owner, slug="s", name="S", base_url="https://a.example.com"
    )
    for at in range(number):
        credential = Credential.objects.create(
            system=system, name=f"c{at}", is_default=at == 0, values={"secret": f"s{at}"}
        )
        IssuedToken.objects.create(credential=credential, answer={"access_token": f"t{at}"})
        Consent.objects.create(
            user=owner, credential=credential, state_digest=f"d{at}", verifier=f"v{at}"
        )
        flow, _ = Flow.objects.get_or_create(owner=owner, slug="f", name="F", draft="")
        Simulation.objects.create(
            owner=owner, flow=flow, setup={"at": at}, progress={"at": at}, shown={"at": at}
        )
        IdempotentCall.objects.create(
            pipe_id="0" * 24, digest=f"{at}", answer=f"{at}", late_at=now(), expires_at=now()
        )
        pipe = owner.pipes.create(name=f"p{at}", flow=flow, callback_secret=f"w{at}")
        AsyncCall.objects.create(
            run_id=f"{at}", pipe=pipe, given={}, answer="a", callback_url="u", expires_at=now()
        )


def rows():
    """All that the tables hold, as the database has it, without the encrypted columns."""
    hidden = {column.field for column in encrypted.columns()}
    found = {}
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            names = [column[0] for column in cursor.description]
            found[table] = [
                {name: value for name, value in zip(names, row, strict=True) if name not in hidden}
                for row in cursor.fetchall()
            ]
    return found


def report(**options):
    call_command("encryption", "report", **options)


def test_it_finds_every_encrypted_column():
    assert {column.name for column in encrypted.columns()} == {
        "dynamic.Credential.values",
        "dynamic.IssuedToken.answer",
        "dynamic.Consent.verifier",
        "dynamic.IdempotentCall.answer",
        "dynamic.Simulation.setup",
        "dynamic.Simulation.progress",
        "dynamic.Simulation.shown",
        "dynamic.Pipe.callback_secret",
        "dynamic.AsyncCall.given",
        "dynamic.AsyncCall.answer",
        "dynamic.AsyncCall.callback_url",
    }
    assert len(encrypted.columns()) == COLUMNS


def test_it_stores_nothing_in_the_clear(alice, old_key):
    make(alice)
    for column in encrypted.columns():
        ((_, stored),) = next(column.batches())
        assert stored.startswith("gAAAA")


def test_it_rotates_everything_and_changes_nothing_else(alice, old_key, settings, monkeypatch):
    monkeypatch.setattr(encrypted, "BATCH", 2)
    make(alice, 5)
    before, changes = rows(), Change.objects.count()
    settings.ENCRYPTION = fernet(f"{NEW} {OLD}")
    values = 5 * COLUMNS
    assert encrypted.count() == {1: values}
    assert encrypted.rotate() == encrypted.Rotated(renewed=values, unopened=0)
    assert encrypted.count() == {0: values}
    assert rows() == before
    # Of credentials and pipes: workers load them again.
    assert Change.objects.count() == changes + 10
    assert encrypted.rotate() == encrypted.Rotated(renewed=0, unopened=0)
    assert Change.objects.count() == changes + 10
    settings.ENCRYPTION = fernet(NEW)
    assert [one.values for one in Credential.objects.order_by("name")] == [
        {"secret": f"s{at}"} for at in range(5)
    ]
    assert IssuedToken.objects.filter(credential__name="c3").get().answer == {"access_token": "t3"}
    assert Consent.objects.get(state_digest="d2").verifier == "v2"
    assert [one.setup for one in Simulation.objects.order_by("pk")[:2]] == [{"at": 0}, {"at": 1}]


def test_it_goes_on_where_it_was_interrupted(alice, old_key, settings):
    make(alice, 2)
    settings.ENCRYPTION = fernet(f"{NEW} {OLD}")
    Credential.objects.first().save()  # by the new key already
    others = 2 * COLUMNS - 1
    assert encrypted.count() == {0: 1, 1: others}
    assert encrypted.rotate().renewed == others


def test_it_overwrites_nothing_that_was_written_meanwhile(alice, old_key, settings):
    make(alice)
    settings.ENCRYPTION = fernet(f"{NEW} {OLD}")
    column = next(one for one in encrypted.columns() if one.model is Credential)
    ((pk, stored),) = next(column.batches())
    credential = Credential.objects.get()
    credential.values = {"secret": "written meanwhile"}
    credential.save()
    assert encrypted._renew(column, pk, stored) == 0
    assert Credential.objects.get().values == {"secret": "written meanwhile"}


def test_it_tells_which_key_opens_how_much(alice, old_key, settings, capsys):
    make(alice)
    settings.ENCRYPTION = fernet(f"{NEW},{OLD}")
    report()
    said = capsys.readouterr().out
    assert f"{COLUMNS:<8}no; `encryption rotate` first" in said
    assert OLD not in said
    assert NEW not in said
    call_command("encryption", "rotate", json=True)
    assert json.loads(capsys.readouterr().out) == {"renewed": COLUMNS, "unopened": 0}
    report(json=True)
    told = json.loads(capsys.readouterr().out)
    assert [(key["key"], key["values"], key["may_go"]) for key in told["keys"]] == [
        (1, COLUMNS, False),
        (2, 0, True),
    ]
    assert told["unopened"] == 0
    assert len({key["fingerprint"] for key in told["keys"]}) == 2


def test_it_leaves_alone_what_no_key_opens(alice, old_key, settings, capsys):
    make(alice)
    settings.ENCRYPTION = fernet(NEW)
    words = rf"No key opens {COLUMNS} stored values.*ENCRYPTION_KEYS"
    for subcommand in ("report", "rotate"):
        with pytest.raises(CommandError, match=words):
            call_command("encryption", subcommand, json=True)
        assert json.loads(capsys.readouterr().out)["unopened"] == COLUMNS
    settings.ENCRYPTION = fernet(f"{NEW} {OLD}")
    assert Credential.objects.get().values == {"secret": "s0"}


@pytest.mark.parametrize("stored", ["gAAAA", "in the clear", "Zoë", "gAAAAABé"])
def test_it_gives_no_secret_for_what_it_cannot_open(alice, stored):
    make(alice)
    with connection.cursor() as cursor:
        cursor.execute('UPDATE dynamic_credential SET "values" = %s', [stored])
    assert encrypted.count() == {0: COLUMNS - 1, -1: 1}
    with pytest.raises((ImproperlyConfigured, ValueError)):
        Credential.objects.get()


class TestCheck:
    def errors(self):
        return run_checks(tags=["dynamic"], databases=["default"])

    def test_it_is_content_with_what_there_is(self, alice):
        make(alice)
        assert self.errors() == []

    def test_it_misses_a_key(self, alice, old_key, settings):
        make(alice, 2)
        settings.ENCRYPTION = fernet(NEW)
        found = self.errors()
        assert [error.id for error in found] == ["dynamic.E001"] * COLUMNS
        assert {error.msg for error in found} == {
            f"No key opens 2 of the newest values in {column.name}."
            for column in encrypted.columns()
        }
        assert all("INTEGRATOR_ENCRYPTION_KEYS" in error.hint for error in found)

    def test_it_asks_no_database_where_none_is_to_be_asked(self, alice, old_key, settings):
        make(alice)
        settings.ENCRYPTION = fernet(NEW)
        assert run_checks(tags=["dynamic"]) == []

    @pytest.mark.django_db(transaction=True)
    def test_it_stops_a_server_that_lacks_one(self, alice, tmp_path, monkeypatch):
        make(alice)
        monkeypatch.setenv("INTEGRATOR_ENCRYPTION_KEYS", NEW)
        with pytest.raises(RuntimeError, match=r"No key opens 1 of .*Credential.values"):
            AsgiDoor(tmp_path / "log.txt")

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        "command",
        [
            ("-c", "import integrator.wsgi"),
            ("manage.py", "check", "--database", "default"),
        ],
    )
    def test_it_stops_everything_else_that_lacks_one(self, alice, command):
        make(alice)
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=project.BASE_DIR,
            env={**os.environ, **environment(), "INTEGRATOR_ENCRYPTION_KEYS": NEW},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode != 0
        assert "INTEGRATOR_ENCRYPTION_KEYS" in ended.stderr
