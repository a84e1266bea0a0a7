"""A bundle holds what its owner owns: what others share is theirs."""

import pytest
import yaml

from dynamic.bundle import export_bundle, import_bundle
from dynamic.models import Flow, System
from tests.dynamic.api.shared import make_house


@pytest.fixture
def house(alice, bob):
    house = make_house(alice)
    house.share(bob, "editor")
    return house


def test_it_exports_nothing_that_is_shared(house, bob):
    assert yaml.safe_load(export_bundle(bob)) == {"integrator": 1}
    make_house(bob)
    own = yaml.safe_load(export_bundle(bob))
    assert [len(own[kind]) for kind in ("systems", "flows", "pipes")] == [1, 2, 1]


def test_it_imports_beside_what_is_shared(house, bob):
    draft = "version: 1\nsteps:\n  - return: {body: mine}\n"
    bundle = {
        "integrator": 1,
        "systems": [{"slug": "shop", "name": "Mine", "base_url": "https://mine.example"}],
        "flows": [{"slug": "spare", "name": "Mine", "document": draft}],
    }
    import_bundle(yaml.safe_dump(bundle), bob, {})
    assert System.objects.get(owner=bob).name == Flow.objects.get(owner=bob).name == "Mine"
    assert System.objects.get(owner=house.owner).name == "Shop"
    assert Flow.objects.get(owner=house.owner, slug="spare").name == "Spare"
