"""Importing a bundle: idempotent, all or nothing, every error with its place."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dynamic.bundle import import_bundle
from dynamic.flow.problems import DocumentInvalid
from dynamic.models import ApiCall, Credential, FlowVersion, Pipe, System

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "order-with-stock.yaml"
ENVIRON = {
    "DEMO_URL": "http://127.0.0.1:2020",
    "DEMO_SHOP_KEY": "shop-key",
    "DEMO_WAREHOUSE_USER": "user",
    "DEMO_WAREHOUSE_PASSWORD": "word-pass",
}


def counts():
    models = (System, Credential, ApiCall, FlowVersion, Pipe)
    return [model.objects.count() for model in models]


def load(owner, source=None, **environ):
    return import_bundle(source or EXAMPLE.read_text(), owner, ENVIRON | environ)


class TestImport:
    def test_it_makes_everything_the_example_names(self, alice):
        done = load(alice)
        assert counts() == [2, 2, 2, 1, 1]
        assert "pipe Order with stock" in done.created
        assert alice.systems.get(slug="shop").base_url == "http://127.0.0.1:2020/demo/shop"
        assert Credential.objects.get(system__slug="shop").values == {"secret": "shop-key"}

    def test_it_changes_nothing_the_second_time(self, alice):
        load(alice)
        done = load(alice)
        assert counts() == [2, 2, 2, 1, 1]
        assert (done.created, done.updated) == ([], [])

    def test_it_updates_what_differs(self, alice):
        load(alice)
        done = load(alice, DEMO_SHOP_KEY="another-key")
        assert done.updated == ["credential of shop"]
        changed = EXAMPLE.read_text().replace("customer:", "buyer:")
        assert load(alice, changed).updated == ["flow order-with-stock", "credential of shop"] or (
            FlowVersion.objects.count() == 2
        )

    def test_it_leaves_other_owners_alone(self, alice, bob):
        load(alice)
        load(bob)
        assert counts() == [4, 4, 4, 2, 2]

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("integrator: 1", "integrator: 2", "integrator: 1"),
            ("slug: shop", "slug: not a slug", "slug"),
            ("type: basic", "type: magic", "auth_type"),
            ("/demo/shop", "/demo/shop?x=1", "base_url"),
            ("${DEMO_SHOP_KEY}", "${NOWHERE}", "NOWHERE"),
            ("api: shop/get-order", "api: shop/get-ordr", "shop/get-order"),
            ("${DEMO_SHOP_KEY}", "${INTEGRATOR_SECRET_KEY}", "not for a bundle"),
            ("auth: {type: basic", "auth: none # {type: basic", "Write an object"),
            ("base_url: ${DEMO_URL}/demo/shop", "base_url: null", "base_url"),
            ("flow: order-with-stock", "flow: another", "another"),
            ("methods: [GET, POST]", "methods: [BREW]", "methods"),
            ("    name: Demo shop", "    nmae: Demo shop", "nmae"),
            ("        query:\n", "        query: x\n", "YAML"),
        ],
    )
    def test_it_refuses_what_is_wrong_and_changes_nothing(self, alice, old, new, said):
        source = EXAMPLE.read_text()
        assert old in source
        with pytest.raises(DocumentInvalid) as caught:
            load(alice, source.replace(old, new))
        assert said in str(caught.value)
        assert "line " in str(caught.value)
        assert counts() == [0, 0, 0, 0, 0]

    def test_it_wants_lists_where_lists_belong(self, alice):
        with pytest.raises(DocumentInvalid, match="line 2, pipes: Write a list"):
            load(alice, "integrator: 1\npipes: x\n")


class TestCommand:
    def test_it_says_what_it_did(self, alice, capsys, monkeypatch):
        for name, value in ENVIRON.items():
            monkeypatch.setenv(name, value)
        call_command("import", str(EXAMPLE), owner=alice.email)
        assert "created    system shop" in capsys.readouterr().out

    def test_it_says_what_is_missing(self, alice, tmp_path):
        with pytest.raises(CommandError, match="no account"):
            call_command("import", str(EXAMPLE), owner="nobody@example.com")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import", str(tmp_path / "none.yaml"), owner=alice.email)
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import", str(EXAMPLE), owner=alice.email)
