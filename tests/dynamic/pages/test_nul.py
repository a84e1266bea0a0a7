"""U+0000, which PostgreSQL keeps in no text and takes in no question."""

import pytest

from dynamic.models import System
from tests.dynamic.history import pipe_of


@pytest.fixture
def as_alice(client, alice):
    pipe_of(alice)
    System.objects.create(owner=alice, slug="orders", name="Orders")
    client.force_login(alice)
    return client


@pytest.mark.parametrize("root", ["/", "/v1/dynamic/"])
@pytest.mark.parametrize("kind", ["systems", "flows", "pipes"])
def test_it_searches_for_the_rest_of_the_words(root, kind, as_alice):
    found = as_alice.get(f"{root}{kind}/?q=Ord%00ers")
    assert found.status_code == 200
    assert "Orders" in found.content.decode().replace("Ord\0ers", "")


@pytest.mark.parametrize("path", ["/pipes/new/?flow=%00", "/runs/?key=%00123456789"])
def test_it_is_in_no_name(path, as_alice):
    assert as_alice.get(path).status_code == 200


def test_it_is_in_no_name_of_a_flow(as_alice):
    wanted = {"name": "Other", "flow": "orders\0"}
    refused = as_alice.post("/v1/dynamic/pipes/", wanted, "application/json")
    assert refused.status_code == 400
    assert refused.json()["problems"][0]["path"] == "flow"
