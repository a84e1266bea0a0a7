"""Trying systems and calls over REST, at a real upstream."""

import pytest

from tests.dynamic.api.conftest import problems
from tests.upstream import SHOP_KEY


@pytest.fixture
def shop(workshop):
    system = workshop.system(
        "shop", "/shop", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
    )
    workshop.credential(system, {"secret": "old-key-canary"}, name="old", is_default=False)
    workshop.call(system, "order", "/orders/{{ id }}", sample_arguments={"id": 7})
    return system


@pytest.fixture
def mirror(workshop):
    """A system that answers with all that it was sent."""
    system = workshop.system(
        "mirror", "", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
    )
    workshop.call(system, "echo", "/echo")
    return system


def test_it_makes_a_call(api, shop):
    trial = api.ask("post", "shop/calls/order/test/", {"arguments": {"id": 1001}}).json()
    assert trial["ok"] is True
    assert trial["request"]["url"].endswith("/shop/orders/1001")
    assert trial["response"]["data"]["id"] == "1001"


def test_it_takes_the_sample_where_no_arguments_come(api, shop):
    trial = api.ask("post", "shop/calls/order/test/", {}).json()
    assert trial["response"]["data"]["id"] == "7"


def test_it_uses_the_credential_that_is_named(api, shop):
    trial = api.ask("post", "shop/calls/order/test/", {"credential": "old"}).json()
    assert (trial["ok"], trial["response"]["status_code"]) == (False, 401)
    answer = api.ask("post", "shop/calls/order/test/", {"credential": "none"})
    assert list(problems(answer)) == ["credential"]


def test_it_shows_no_credential(api, mirror):
    answer = api.ask("post", "mirror/calls/echo/test/", {})
    assert answer.json()["ok"] is True
    assert SHOP_KEY not in answer.content.decode()


def test_it_tells_why_a_request_cannot_be_made(api, shop):
    trial = api.ask("post", "shop/calls/order/test/", {"arguments": {"id": ""}}).json()
    assert trial["ok"] is False
    assert trial["sentence"]


def test_it_tries_a_connection(api, mirror, upstream):
    mirror.health_path = "/status/204"
    mirror.save()
    trial = api.ask("post", "mirror/test/", {"fresh_token": False}).json()
    assert (trial["ok"], trial["response"]["status_code"]) == (True, 204)
    assert upstream.requests_to("/status/204")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"arguments": [1]}, "arguments"),
        ({"fresh_token": "perhaps"}, "fresh_token"),
        ({"argument": {}}, "argument"),
    ],
)
def test_it_says_what_is_wrong_with_a_try(api, shop, body, path):
    assert list(problems(api.ask("post", "shop/calls/order/test/", body))) == [path]
