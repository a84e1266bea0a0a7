"""Importing a bundle: idempotent, all or nothing, every error with its place."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apikeys.models import Change
from dynamic.bundle import export_bundle, import_bundle
from dynamic.flow.problems import DocumentInvalid
from dynamic.models import ApiCall, Credential, Flow, FlowVersion, Pipe, System

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "order-with-stock.yaml"
ENVIRON = {
    "DEMO_URL": "http://127.0.0.1:2020",
    "DEMO_SHOP_KEY": "shop-key",
    "DEMO_WAREHOUSE_USER": "user",
    "DEMO_WAREHOUSE_PASSWORD": "word-pass",
}


def counts():
    models = (System, Credential, ApiCall, FlowVersion, Pipe)
    return [model.objects.count() for model in models]


def load(owner, source=None, *, dry_run=False, **environ):
    return import_bundle(source or EXAMPLE.read_text(), owner, ENVIRON | environ, dry_run)


def shop(*lines):
    """A bundle of one system, for `load`."""
    return "\n".join(["integrator: 1", "systems:", "  - slug: shop", "    name: Shop", *lines, ""])


KEYED = (
    "    base_url: https://shop.example.com",
    "    auth: {type: header, name: X-Api-Key}",
    "    credentials:",
)


class TestImport:
    def test_it_makes_everything_the_example_names(self, alice):
        done = load(alice)
        assert counts() == [2, 2, 2, 1, 1]
        assert "pipe Order with stock" in done.created
        assert alice.systems.get(slug="shop").base_url == "http://127.0.0.1:2020/demo/shop"
        assert Credential.objects.get(system__slug="shop").values == {"secret": "shop-key"}

    def test_it_changes_nothing_the_second_time(self, alice):
        load(alice)
        before = Change.objects.count()
        done = load(alice)
        assert counts() == [2, 2, 2, 1, 1]
        assert (done.created, done.updated) == ([], {})
        assert Change.objects.count() == before

    def test_it_updates_what_differs_and_says_what_that_is(self, alice):
        load(alice)
        done = load(alice, DEMO_SHOP_KEY="another-key")
        assert done.updated == {"credential shop/default": ["values"]}
        changed = EXAMPLE.read_text().replace("customer:", "buyer:").replace("name: X-", "name: Y-")
        assert load(alice, changed).updated == {
            "system shop": ["auth"],
            "credential shop/default": ["values"],
            "API call shop/get-order": ["sample_response"],
            "flow order-with-stock": ["document", "published"],
        }

    def test_it_tells_one_from_true(self, alice):
        body = "calls: [{slug: c, name: C, method: POST, body_kind: json, body: {a: 1}}]"
        source = shop("    base_url: https://shop.example.com", f"    {body}")
        load(alice, source)
        done = load(alice, source.replace("a: 1", "a: true"))
        assert done.updated == {"API call shop/c": ["body"]}

    def test_it_gives_what_is_left_out_its_default(self, alice):
        source = shop("    base_url: https://shop.example.com", "    health_minutes: 5")
        load(alice, source)
        done = load(alice, source.replace("    health_minutes: 5", ""))
        assert done.updated == {"system shop": ["health_minutes"]}
        assert alice.systems.get().health_minutes == 0

    def test_it_leaves_other_owners_alone(self, alice, bob):
        load(alice)
        load(bob)
        assert counts() == [4, 4, 4, 2, 2]

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("integrator: 1", "integrator: 2", "integrator: 1"),
            ("slug: shop", "slug: not a slug", "line 6, systems[0].slug"),
            ("slug: shop", "slug: warehouse", "is here twice"),
            ("slug: shop", "slug: oauth", "line 6, systems[0].slug: “oauth” is a word"),
            ("slug: stock\n", "slug: new\n", "calls[0].slug: “new” is a word"),
            ("type: basic", "type: magic", "systems[1].auth.type: Value 'magic'"),
            ("name: X-Api-Key", "nmae: X-Api-Key", "nmae"),
            ("name: X-Api-Key", "name: X Api Key", "line 9, systems[0].auth: "),
            ("/demo/shop", "/demo/shop?x=1", "line 8, systems[0].base_url"),
            ("${DEMO_SHOP_KEY}", "${NOWHERE}", "line 9, systems[0].auth.secret: The environment"),
            ("api: shop/get-order", "api: shop/get-ordr", "shop/get-order"),
            ("${DEMO_SHOP_KEY}", "${INTEGRATOR_SECRET_KEY}", "not for a bundle"),
            ("auth: {type: basic", "auth: none # {type: basic", "Write an object"),
            ("base_url: ${DEMO_URL}/demo/shop", "base_url: null", "base_url"),
            ("base_url: ${DEMO_URL}/demo/shop", "base_url: [a]", "base_url: Write a text"),
            ("flow: order-with-stock", "flow: another", "another"),
            ("flow: order-with-stock", "{flow: order-with-stock, pinned: 7}", "no version 7"),
            ("methods: [GET, POST]", "methods: [BREW]", "methods"),
            ("methods: [GET, POST]", "methods: [[GET]]", "methods"),
            ("    name: Demo shop", "    nmae: Demo shop", "nmae"),
            ("path: /stock", "path: /stock/{{ (", "path"),
            ("        query:\n", "        query: x\n", "YAML"),
        ],
    )
    def test_it_refuses_what_is_wrong_and_changes_nothing(self, alice, old, new, said):
        source = EXAMPLE.read_text()
        assert old in source
        if new.startswith("{flow"):
            source, new = (
                source.replace("    methods: [GET, POST]", ""),
                "flow: order-with-stock\n    pinned: 7",
            )
        with pytest.raises(DocumentInvalid) as caught:
            load(alice, source.replace(old, new))
        assert said in str(caught.value)
        assert "line " in str(caught.value)
        assert counts() == [0, 0, 0, 0, 0]

    def test_it_names_everything_that_the_environment_lacks(self, alice):
        with pytest.raises(DocumentInvalid) as caught:
            import_bundle(EXAMPLE.read_text(), alice, {})
        assert len(caught.value.problems) == 5

    def test_it_wants_lists_where_lists_belong(self, alice):
        with pytest.raises(DocumentInvalid, match="line 2, pipes: Write a list"):
            load(alice, "integrator: 1\npipes: x\n")
        with pytest.raises(DocumentInvalid, match="A bundle is an object"):
            load(alice, "- integrator: 1\n")


class TestCredentials:
    def test_it_makes_the_first_one_the_default(self, alice):
        load(
            alice,
            shop(
                *KEYED,
                "      - {name: a, values: {secret: x}}",
                "      - {name: b, values: {secret: y}}",
            ),
        )
        assert alice.systems.get().credentials.get(is_default=True).name == "a"

    def test_it_moves_the_default(self, alice):
        a, b = "      - {name: a, values: {secret: x}}", "      - {name: b, values: {secret: y}}"
        load(alice, shop(*KEYED, a, b))
        load(alice, shop(*KEYED, b))
        assert alice.systems.get().credentials.get(is_default=True).name == "a"
        done = load(alice, shop(*KEYED, b.replace("name: b", "name: b, default: true")))
        assert done.updated == {
            "credential shop/a": ["default"],
            "credential shop/b": ["default"],
        }
        assert alice.systems.get().credentials.get(is_default=True).name == "b"
        done = load(alice, shop(*KEYED, a.replace("name: a", "name: a, default: true"), b))
        assert alice.systems.get().credentials.get(is_default=True).name == "a"
        assert done.updated == {
            "credential shop/a": ["default"],
            "credential shop/b": ["default"],
        }

    def test_it_leaves_values_alone_that_it_is_not_given(self, alice):
        load(alice, shop(*KEYED, "      - {name: a, values: {secret: x}}"))
        done = load(alice, shop(*KEYED, "      - {name: a, base_url: https://a.example.com}"))
        assert done.updated == {"credential shop/a": ["base_url"]}
        assert Credential.objects.get().values == {"secret": "x"}

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (["      - {name: a}"], "values: Key: this is needed"),
            (["      - {name: a, values: {scret: x}}"], "has no scret"),
            (["      - {name: a, values: [x]}"], "values: Write an object"),
            (["      - {name: a, default: 1, values: {secret: x}}"], "default: Write true"),
            (["      - {name: a, values: {secret: x}}"] * 2, "'a' is here twice"),
            (
                [
                    "      - {name: a, default: true, values: {secret: x}}",
                    "      - {name: b, default: true, values: {secret: x}}",
                ],
                "systems[0].credentials[1].default: Another credential",
            ),
        ],
    )
    def test_it_refuses_what_is_wrong(self, alice, lines, said):
        with pytest.raises(DocumentInvalid) as caught:
            load(alice, shop(*KEYED, *lines))
        assert said in str(caught.value)

    def test_it_refuses_the_default_one_in_two_places(self, alice):
        inline = "    auth: {type: header, name: X-Api-Key, secret: x}"
        with pytest.raises(DocumentInvalid, match="is in the list, too"):
            load(alice, shop(KEYED[0], inline, KEYED[2], "      - {values: {secret: x}}"))

    def test_it_takes_an_empty_prefix(self, alice):
        inline = '    auth: {type: header, name: X-Api-Key, prefix: "", secret: "${DEMO_SHOP_KEY}"}'
        load(alice, shop(KEYED[0], inline))
        assert alice.systems.get().auth == {"name": "X-Api-Key", "prefix": ""}
        assert load(alice, shop(KEYED[0], inline)).updated == {}


class TestPlaceholders:
    def test_it_fills_what_a_system_says_and_lets_one_dollar_more_be_a_text(self, alice):
        source = shop(
            '    description: "${A} $${A} $$${A} ${a} $A"',
            "    base_url: https://${A}.example.com",
            '    common_headers: [{key: X-A, value: "${A}"}]',
            "    calls: [{slug: c, name: '${A}', path: '/$${A}'}]",
        )
        load(alice, source, A="one")
        system = alice.systems.get()
        assert system.description == "one ${A} $${A} ${a} $A"
        assert system.base_url == "https://one.example.com"
        assert system.common_headers == [{"key": "X-A", "value": "one"}]
        call = system.calls.get()
        assert (call.name, call.path) == ("${A}", "/$${A}")


class TestDryRun:
    def test_it_tells_what_would_be_and_changes_nothing(self, alice):
        done = load(alice, dry_run=True)
        assert counts() == [0, 0, 0, 0, 0]
        assert len(done.created) == 8
        load(alice)
        source = EXAMPLE.read_text().replace("name: Demo shop", "name: A shop")
        before = Change.objects.count()
        done = load(alice, source, dry_run=True, DEMO_SHOP_KEY="another")
        assert done.updated == {"system shop": ["name"], "credential shop/default": ["values"]}
        assert len(done.unchanged) == 6
        assert alice.systems.get(slug="shop").name == "Demo shop"
        assert Change.objects.count() == before

    def test_it_lists_what_the_environment_lacks(self, alice):
        done = import_bundle(EXAMPLE.read_text(), alice, {}, dry_run=True)
        assert done.missing == sorted(ENVIRON)
        assert len(done.created) == 8
        load(alice)
        done = import_bundle(EXAMPLE.read_text(), alice, {}, dry_run=True)
        assert (done.created, done.updated) == ([], {})  # as far as anybody can know

    def test_it_still_says_what_is_wrong(self, alice):
        with pytest.raises(DocumentInvalid, match="not for a bundle"):
            load(alice, EXAMPLE.read_text().replace("DEMO_SHOP_KEY", "DATABASE_URL"), dry_run=True)


class TestOff:
    SOURCE = EXAMPLE.read_text().replace("name: Demo shop", "name: Demo shop\n    archived: true")

    def test_it_archives_a_system_that_a_flow_of_the_bundle_calls(self, alice):
        source = self.SOURCE.replace("name: Free stock", "active: false\n        name: Free stock")
        done = load(alice, source)
        assert len(done.created) == 8
        assert alice.systems.get(slug="shop").archived_at is not None
        assert not ApiCall.objects.get(slug="stock").active
        assert Flow.objects.get().latest.number == 1
        archived_at = alice.systems.get(slug="shop").archived_at
        assert load(alice, source).updated == {}
        assert alice.systems.get(slug="shop").archived_at == archived_at

    def test_it_restores_what_the_bundle_does_not_archive(self, alice):
        load(alice, self.SOURCE)
        assert load(alice).updated == {"system shop": ["archived"]}
        assert alice.systems.current().count() == 2


class TestCommand:
    @pytest.fixture(autouse=True)
    def environ(self, monkeypatch):
        for name, value in ENVIRON.items():
            monkeypatch.setenv(name, value)

    def test_it_says_what_it_did(self, alice, capsys):
        call_command("import", str(EXAMPLE), owner=alice.email)
        assert "created    system shop" in capsys.readouterr().out
        System.objects.filter(slug="shop").update(name="Other", read_timeout=1)
        call_command("import", str(EXAMPLE), owner=alice.email)
        assert "updated    system shop (name, read_timeout)" in capsys.readouterr().out

    def test_it_says_what_it_would_do(self, alice, capsys):
        call_command("import", str(EXAMPLE), owner=alice.email, dry_run=True)
        assert "would be created    system shop" in capsys.readouterr().out
        assert counts() == [0, 0, 0, 0, 0]

    def test_it_speaks_json(self, alice, capsys):
        call_command("import", str(EXAMPLE), owner=alice.email, json=True)
        done = json.loads(capsys.readouterr().out)
        assert done.keys() == {"created", "updated", "unchanged", "missing", "dry_run"}
        assert "flow order-with-stock" in done["created"]

    def test_it_fails_a_dry_run_that_lacks_names(self, alice, monkeypatch):
        monkeypatch.delenv("DEMO_SHOP_KEY")
        said = io.StringIO()
        with pytest.raises(CommandError, match="has no DEMO_SHOP_KEY"):
            call_command("import", str(EXAMPLE), owner=alice.email, dry_run=True, stdout=said)
        assert "would be created    system shop" in said.getvalue()

    def test_it_says_what_is_missing(self, alice, tmp_path, monkeypatch):
        with pytest.raises(CommandError, match="no account"):
            call_command("import", str(EXAMPLE), owner="nobody@example.com")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import", str(tmp_path / "none.yaml"), owner=alice.email)
        monkeypatch.delenv("DEMO_URL")
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import", str(EXAMPLE), owner=alice.email)


def test_it_brings_a_flow_after_those_that_it_runs(alice):
    flows = "".join(
        f"  - {{slug: {slug}, name: {slug}, document: 'version: 1\n\n\n      steps: [{step}]'}}\n"
        for slug, step in {"a": "{run: x, flow: b}", "b": "{return: {}}"}.items()
    )
    done = import_bundle(f"integrator: 1\nflows:\n{flows}", alice, {})
    assert done.created == ["flow b", "flow a"]
    assert import_bundle(export_bundle(alice), alice, {}).updated == {}
