"""Migrations keep data: what version 1 held is there, and opens, in the newest."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dynamic.models import Credential, Run, System
from dynamic.models.authentication import authentication
from dynamic.outbound.auth import Basic, NoAuth, StaticKey


@pytest.fixture
def first(transactional_db):
    """The models as the first migration has them; the newest again when the test ends."""
    # By the command, as an operator does: it also makes the triggers of that version.
    call_command("migrate", "dynamic", "0001_initial", verbosity=0)
    yield MigrationExecutor(connection).loader.project_state([("dynamic", "0001_initial")]).apps
    migrate()


def triggers():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger")
        return {name for (name,) in cursor.fetchall() if name.startswith("watch_")}


def migrate():
    call_command("migrate", verbosity=0)


def test_it_keeps_systems_and_credentials_of_version_1(first, transactional_db):
    get = first.get_model
    owner = get("accounts", "User").objects.create(email="alice@example.com")

    def system(slug, auth_type, **fields):
        return get("dynamic", "System").objects.create(
            owner=owner,
            slug=slug,
            name=slug,
            base_url="https://a.example.com",
            auth_type=auth_type,
            **fields,
        )

    def credential(system, name="default", **fields):
        get("dynamic", "Credential").objects.create(system=system, name=name, **fields)

    credential(system("header", "header", auth_name="X-Api-Key", auth_prefix="Key "), secret="k1")
    credential(system("query", "query", auth_name="api_key"), secret="k2")
    credential(system("basic", "basic"), username="user", secret="p")
    several = system("several", "header", auth_name="X")
    credential(several, "b", secret="first")
    credential(several, "a", secret="second")
    system("none", "none")
    get("dynamic", "ApiCall").objects.create(
        system=several, slug="c", name="C", path="/c", query=[{"key": "a", "value": "b"}]
    )

    migrate()

    def way(slug):
        found = System.objects.get(slug=slug)
        return authentication(found, found.credentials.first())

    assert way("header") == StaticKey("header", "X-Api-Key", "k1", "Key ")
    assert way("query") == StaticKey("query", "api_key", "k2")
    assert way("basic") == Basic("user", "p")
    assert way("several") == StaticKey("header", "X", "first")
    assert way("none") == NoAuth()
    assert System.objects.get(slug="query").auth == {"name": "api_key"}
    kept = Credential.objects.filter(system__slug="several")
    assert [(one.name, one.is_default, one.values) for one in kept] == [
        ("b", True, {"secret": "first"}),
        ("a", False, {"secret": "second"}),
    ]
    assert not Credential.objects.get(system__slug="basic").values.keys() - {"username", "secret"}
    call = System.objects.get(slug="several").calls.get()
    assert (call.path, call.query, call.active) == ("/c", [{"key": "a", "value": "b"}], True)
    for row in [*System.objects.all(), *Credential.objects.all(), call]:
        row.full_clean()


def test_it_knows_of_earlier_runs_what_their_pipes_tell(transactional_db):
    call_command("migrate", "dynamic", "0015_digests", verbosity=0)
    before = MigrationExecutor(connection).loader.project_state([("dynamic", "0015_digests")]).apps
    owner = before.get_model("accounts", "User").objects.create(email="alice@example.com")
    flow = before.get_model("dynamic", "Flow").objects.create(owner=owner, slug="f", name="F")
    pipe = before.get_model("dynamic", "Pipe").objects.create(
        owner=owner, name="P", flow=flow, deadline=30
    )
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for status in ("success", "running"):
        before.get_model("dynamic", "Run").objects.create(
            **{"id": status, "owner": owner, "pipe": pipe, "status": status, "started_at": began},
            **{"ms": 1, "input": {}, "answer": None, "trace": []},
        )

    migrate()

    ended, under_way = Run.objects.order_by("-pk")
    assert (ended.flow_id, under_way.flow_id) == (flow.pk, flow.pk)
    assert (ended.late_at, under_way.late_at) == (None, began + timedelta(seconds=30 + 60))


def test_it_leaves_the_triggers_in_place(first, transactional_db):
    before = triggers()
    migrate()
    after = triggers()
    assert {"watch_dynamic_credential_update", "watch_dynamic_system_update"} <= before
    assert before < after
    assert "watch_dynamic_share_update" in after  # of a table that came later
