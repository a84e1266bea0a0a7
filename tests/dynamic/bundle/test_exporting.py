"""Exporting: nothing is lost, no secret is told, and importing it again changes nothing."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from dynamic.bundle import export_bundle, import_bundle, layout
from dynamic.models import ApiCall, Credential, Flow, Pipe, System
from dynamic.models.auth_types import AUTH_TYPES
from dynamic.models.pipe import RULES

ROWS = [{"label": "L", "key": "x-k", "value": "{{ a }}"}, {"key": "b", "value": ""}]
TOKEN_CALL = {
    "name": "sign-in",
    "method": "POST",
    "url": "/token",
    "headers": [{"key": "X", "value": "{{ credential.user }}"}],
    "body_kind": "json",
    "body": {"b": 1, "a": [None, True, "${A}"]},
}
FLOW = "version: 1\nsteps:\n  - call: a\n    api: shop/get\n  - return: {body: '${A}'}\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
PROSE = TEXTS | st.sampled_from(["${A}", "$${A} $", "a\n b  \n", "0o17", "no", "${SHOP_DEFAULT}"])
SENDABLE = st.text(st.sampled_from("abcXYZ09-_.~${}A "), min_size=1, max_size=12).filter(
    lambda text: "{{" not in text
)


def secrets_of(bundle):
    """What an environment must hold for it: each placeholder, with a text of its own."""
    return {name: f"value of {name}" for name in re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)\}", bundle)}


def make(model, **fields):
    row = model(**fields)
    row.full_clean(exclude=["values"] if fields.get("values") == {} else [])
    row.save()
    return row


@pytest.fixture
def shop(alice):
    """A system in which nothing has its default, with calls, a flow and a pipe."""
    system = make(
        System,
        owner=alice,
        slug="shop",
        name="Shop",
        description="Two\nlines\n",
        base_url="https://shop.example.com",
        auth_type="header",
        auth={"name": "X-Api-Key", "prefix": "Key "},
        common_query=ROWS,
        common_headers=ROWS,
        common_body=ROWS,
        connect_timeout=1,
        read_timeout=2,
        token_failures="401, 403",
        most_at_once=3,
        health_minutes=4,
        health_path="/health",
    )
    for name, is_default in (("default", True), ("Kunde Ä", False), ("Kunde Ö", False)):
        make(
            Credential,
            system=system,
            name=name,
            is_default=is_default,
            base_url="https://other.example.com",
            values={"secret": f"secret-of-{name}"},
        )
    make(
        ApiCall,
        system=system,
        slug="get",
        name="Get",
        description="D",
        method="POST",
        path="/a/{{ id }}",
        query=ROWS,
        headers=ROWS,
        body_kind="json",
        body={"z": 1, "a": "{{ b }} ${A}"},
        skip_auth=True,
        connect_timeout=5,
        read_timeout=6,
        fine_statuses="200",
        follow_redirects=True,
        retry={"attempts": 3},
        paging={"kind": "page"},
        sample_arguments={"id": 2**60},
        sample_response=[{"id": 2**60}, 1e300, "1e5"],
    )
    return system


@pytest.fixture
def flow(shop, alice):
    flow = make(Flow, owner=alice, slug="order", name="Order", draft=FLOW)
    flow.publish()
    return flow


def assert_stable(owner, other):
    """Its bundle changes nothing of the owner's, and makes the same for another one."""
    bundle = export_bundle(owner)
    held = {
        (one.system.slug, one.name): one.values
        for one in Credential.objects.filter(system__owner=owner)
    }
    environ = secrets_of(bundle)
    done = import_bundle(bundle, other, environ)
    assert not done.updated
    assert not done.unchanged
    assert export_bundle(other) == bundle
    assert import_bundle(bundle, other, environ).updated == {}
    mine = import_bundle(bundle, owner, environ)
    assert not mine.created
    assert all(fields == ["values"] for fields in mine.updated.values())  # other secrets
    assert export_bundle(owner) == bundle
    for one in Credential.objects.filter(system__owner=other):
        assert one.values.keys() == held[one.system.slug, one.name].keys()
    return bundle


SET = {
    "failure_mode": "compat",
    "keep_bodies": "errors",
    "keep_days": 0,
    "keep_runs": 5,
    "redact_names": ["iban"],
    "calls_a_minute": 6,
    "at_once": 7,
    "cache_seconds": 8,
    "cache_headers": ["X-Shop"],
    "cache_shared": True,
    "alert_rule": "complete",
    "alert_addresses": ["ops@example.com"],
}


class TestExport:
    def test_it_names_every_field_there_is(self):
        known = {
            System: {*layout.SYSTEM, "slug", "auth_type", "auth", "archived_at"},
            ApiCall: {*layout.CALL, "slug"},
            Credential: {"name", "is_default", "base_url", "values"},
            Flow: {"slug", "name", "draft", "archived_at"},
            Pipe: {*RULES, "name", "flow", "pinned", "archived_at"},
        }
        ours = {"id", "owner", "system", "changed_at", "callback_secret"}
        for model, names in known.items():
            assert {field.name for field in model._meta.concrete_fields} - ours == names
        for kind in AUTH_TYPES.values():
            assert not {entry.name for entry in kind.settings} & {"type", "username", "secret"}

    def test_it_keeps_everything(self, shop, flow, alice, bob):
        make(Pipe, owner=alice, name="P", flow=flow, methods=["GET"], deadline=7, body_limit=8)
        make(Pipe, owner=alice, name="Off", flow=flow, enabled=False)
        make(Pipe, owner=alice, name="Rules", flow=flow, **SET)
        assert_stable(alice, bob)
        assert SET.items() <= vars(bob.pipes.get(name="Rules")).items()
        theirs = bob.systems.get()
        for name in (*layout.SYSTEM, "auth_type", "auth"):
            assert getattr(theirs, name) == getattr(shop, name)
        for name in layout.CALL:
            assert getattr(theirs.calls.get(), name) == getattr(shop.calls.get(), name)
        assert {pipe.name: (pipe.enabled, pipe.deadline) for pipe in bob.pipes.all()} == {
            "P": (True, 7),
            "Off": (False, 30),
            "Rules": (True, 30),
        }

    def test_it_tells_no_secret(self, shop, alice):
        bundle = export_bundle(alice)
        assert "secret-of" not in bundle
        assert "secret: ${SHOP_DEFAULT_SECRET}" in bundle
        assert "secret: ${SHOP_KUNDE_SECRET}" in bundle
        assert "secret: ${SHOP_KUNDE_SECRET_2}" in bundle

    def test_it_leaves_out_what_has_its_default(self, alice):
        system = make(System, owner=alice, slug="s", name="S", base_url="https://a.example.com")
        make(ApiCall, system=system, slug="c", name="C", path="/c")
        assert export_bundle(alice).splitlines()[2:] == [
            "integrator: 1",
            "systems:",
            "  - slug: s",
            "    name: S",
            "    base_url: https://a.example.com",
            "    calls:",
            "      - slug: c",
            "        name: C",
            "        path: /c",
        ]

    def test_it_writes_nothing_but_a_head_for_who_has_nothing(self, alice, bob):
        assert export_bundle(alice).splitlines()[2:] == ["integrator: 1"]
        import_bundle(export_bundle(alice), bob, {})

    def test_it_keeps_to_its_owner(self, shop, flow, bob):
        assert "shop" not in export_bundle(bob)

    @pytest.mark.parametrize("slug", ["1", "integrator"])
    def test_it_gives_placeholders_a_name_that_an_import_takes(self, alice, bob, slug):
        system = make(
            System,
            owner=alice,
            slug=slug,
            name="S",
            base_url="https://a.example.com",
            auth_type="header",
            auth={"name": "X"},
        )
        make(Credential, system=system, values={"secret": "x"})
        assert "${SYSTEM_" in assert_stable(alice, bob)


class TestFlows:
    def test_it_takes_archived_systems_and_calls_that_are_off(self, shop, flow, alice, bob):
        make(Pipe, owner=alice, name="P", flow=flow)
        shop.calls.update(active=False)
        System.objects.update(archived_at="2026-01-01T00:00Z")
        bundle = assert_stable(alice, bob)
        assert "archived: true" in bundle
        assert bob.flows.get().latest.number == 1
        assert bob.systems.get().archived_at is not None
        assert not bob.systems.get().calls.get().active

    def test_it_tells_what_is_not_published(self, shop, alice, bob):
        make(Flow, owner=alice, slug="f", name="F", draft=FLOW)
        assert "published: false" in assert_stable(alice, bob)
        assert bob.flows.get().latest is None

    def test_it_keeps_the_versions_that_pipes_run(self, flow, alice, bob):
        for number in (2, 3, 4):
            flow.draft = FLOW.replace("version: 1", f"version: 1 # {number}")
            flow.save()
            if number < 4:
                flow.publish()
        second = flow.versions.get(number=2)
        make(Pipe, owner=alice, name="P", flow=flow, pinned=second)
        assert_stable(alice, bob)
        theirs = bob.flows.get()
        assert [version.number for version in theirs.versions.all()] == [3, 2]
        assert theirs.draft == flow.draft
        assert bob.pipes.get().pinned.source == second.source

    def test_it_refuses_another_document_for_a_version(self, flow, alice, bob):
        make(Pipe, owner=alice, name="P", flow=flow, pinned=flow.latest)
        bundle = export_bundle(alice)
        environ = secrets_of(bundle)
        import_bundle(bundle, bob, environ)
        with pytest.raises(Exception, match="a version does not change"):
            import_bundle(bundle.replace("call: a", "call: b"), bob, environ)


@st.composite
def entries(draw, entries_):
    """Settings or values of an authentication type: what is needed, and some of the rest."""
    given = {}
    for entry in entries_:
        if entry.kind == "calls":
            given[entry.name] = [TOKEN_CALL]
        elif entry.name.endswith("_url"):
            given[entry.name] = "https://id.example.com/token"
        elif entry.name == "name":
            given[entry.name] = "X-Key"
        elif entry.required or draw(st.booleans()):
            given[entry.name] = draw(_value(entry))
    return given


def _value(entry):
    if entry.kind == "choice":
        return st.sampled_from([choice for choice, _ in entry.choices])
    if entry.kind == "rows":
        return st.sampled_from([[], [{"key": "audience", "value": "${A}"}]])
    if entry.name in {"lifetime", "value"}:
        return st.sampled_from(["{{ token.x }}", "60"])
    if entry.name == "prefix":
        return st.sampled_from(["", "Bearer ", "$${A} "])
    return SENDABLE


@pytest.mark.parametrize("kind", AUTH_TYPES.values(), ids=AUTH_TYPES)
def test_it_goes_there_and_back_whatever_the_authentication(kind, alice, bob):
    @given(st.data())
    @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
    def trip(data):
        with transaction.atomic():
            system = make(
                System,
                owner=alice,
                slug="s",
                name=data.draw(PROSE.filter(str.strip)),
                description=data.draw(PROSE),
                base_url=data.draw(st.sampled_from(["https://a.example.com", ""])),
                auth_type=kind.value,
                auth=data.draw(entries(kind.settings)),
                common_query=[{"key": "k", "value": data.draw(SENDABLE)}],
            )
            for number in range(data.draw(st.integers(0, 3))):
                values = data.draw(entries(kind.credential))
                if kind.any_values:
                    values = data.draw(st.dictionaries(TEXTS, SENDABLE, max_size=3))
                make(
                    Credential,
                    system=system,
                    name=f"c{number}",
                    is_default=number == 0,
                    base_url="https://b.example.com",
                    values=values,
                )
            assert_stable(alice, bob)
            transaction.set_rollback(True)

    trip()


class TestCommand:
    def test_it_writes_to_standard_output_or_a_file(self, shop, alice, capsys, tmp_path):
        call_command("export", owner="ALICE@example.com")
        assert capsys.readouterr().out == export_bundle(alice)
        call_command("export", owner=alice.email, output=tmp_path / "a.yaml")
        assert (tmp_path / "a.yaml").read_text("utf-8") == export_bundle(alice)

    def test_it_says_what_is_missing(self, alice, tmp_path):
        with pytest.raises(CommandError, match="no account"):
            call_command("export", owner="nobody@example.com")
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export", owner=alice.email, output=tmp_path / "none" / "a.yaml")
        assert User.objects.count() == 1
