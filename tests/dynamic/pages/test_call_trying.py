"""Trying an API call from its page, against a real system, and keeping what came of it."""

import json

import pytest
from django.test import Client

from dynamic.models import Credential
from dynamic.pages.call_trying import LARGEST_SAMPLE
from tests.upstream import SHOP_KEY

TOKEN_ROWS = [{"key": "t", "value": "page-token-canary-77aa"}]
OTHER_KEY = "another-shop-key-canary-91d2"


@pytest.fixture
def client(workshop, alice):
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def shop(workshop):
    return workshop.system("shop", "", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"})


@pytest.fixture
def order(workshop, shop):
    return workshop.call(shop, "order", "/shop/orders/{{ id }}", sample_arguments={"id": 7})


def url_of(call, page="test"):
    return f"/systems/{call.system.slug}/calls/{call.slug}/{page}/"


def attempt(client, call, arguments="{}", **more):
    first = call.system.credentials.first()
    data = {"arguments": arguments, "credential": first.pk if first else ""} | more
    response = client.post(url_of(call), data)
    assert response.status_code == 200
    assert response["Cache-Control"].startswith("max-age=0")
    return response


def test_it_begins_with_the_sample_arguments(client, order, upstream):
    page = client.get(url_of(order)).text
    assert "&quot;id&quot;: 7" in page
    assert upstream.seen == []


def test_it_shows_what_came_back(client, order, upstream):
    page = attempt(client, order, '{"id": 5}').text
    assert "Answered 200 in" in page
    assert f"GET {upstream.url}/shop/orders/5" in page
    assert "&quot;customer&quot;: &quot;Zoë&quot;" in page
    assert "HTTP 200" in page
    assert upstream.seen == [("GET", "/shop/orders/5")]


def test_it_never_shows_a_secret(client, workshop, shop):
    echo = workshop.call(shop, "echo", "/echo", method="POST", body_kind="text", body="{{ a }}")
    response = attempt(client, echo, json.dumps({"a": "hello"}))
    assert "&quot;body&quot;: &quot;hello&quot;" in response.text  # the upstream's echo of it
    assert "X-Api-Key" in response.text
    assert SHOP_KEY not in response.text
    assert SHOP_KEY not in response.context["kept_response"]


def test_it_shows_markup_as_text(client, workshop, shop):
    echo = workshop.call(shop, "echo", "/echo", query=[{"key": "a", "value": "{{ a }}"}])
    page = attempt(client, echo, json.dumps({"a": "<script>alert(1)</script>"})).text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/status/500", "Answered 500 in"),
        ("/reset", "No usable answer: "),
        ("/html", "No usable answer: "),
        ("/{{ 1 + 'a' }}", "The request cannot be made. "),
    ],
)
def test_it_says_why_there_is_no_answer(client, workshop, shop, path, sentence):
    response = attempt(client, workshop.call(shop, "trouble", path))
    assert sentence in response.text
    assert "alert-danger" in response.text


def test_it_shows_every_attempt(client, workshop, shop, upstream):
    call = workshop.call(shop, "s", "/status/503", retry={"attempts": 3, "wait": 0})
    page = attempt(client, call).text
    assert len(upstream.seen) == 3
    assert page.count(f"{upstream.url}/status/503") == 4  # and what was sent


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ("[1]", "Write an object, such as"),
        ("{", "It is no JSON from line 1"),
        ('{"id": "\\u0000"}', "which cannot be kept"),
    ],
)
def test_it_sends_nothing_with_wrong_arguments(client, order, upstream, arguments, fault):
    assert fault in attempt(client, order, arguments).text
    assert upstream.seen == []


def test_it_uses_the_chosen_credential(client, workshop, order, shop):
    other = workshop.credential(shop, {"secret": OTHER_KEY}, name="other", is_default=False)
    page = attempt(client, order, '{"id": 5}', credential=other.pk).text
    assert "Answered 401" in page
    assert OTHER_KEY not in page


def test_it_refuses_the_credential_of_another_system(client, workshop, order, upstream):
    workshop.system("b", "", "header", {"secret": OTHER_KEY}, auth={"name": "X-Api-Key"})
    foreign = Credential.objects.get(system__slug="b")
    attempt(client, order, '{"id": 5}', credential=foreign.pk)
    assert upstream.seen == []


def test_it_needs_no_credential_where_there_is_none(client, workshop):
    call = workshop.call(workshop.system("open"), "ok", "/echo")
    assert "Answered 200 in" in attempt(client, call).text


def test_it_keeps_the_answer_as_a_sample(client, order):
    page = attempt(client, order, '{"id": 5}')
    data = {"keep": "response", "response": page.context["kept_response"], "arguments": "{}"}
    client.post(url_of(order, "sample"), data)
    order.refresh_from_db()
    assert order.sample_response["customer"] == "Zoë"
    assert order.sample_arguments == {"id": 7}


def test_it_keeps_the_arguments_as_a_sample(client, order):
    page = attempt(client, order, '{"id": 5}')
    data = {"keep": "arguments", "arguments": page.context["kept_arguments"], "response": ""}
    client.post(url_of(order, "sample"), data)
    order.refresh_from_db()
    assert (order.sample_arguments, order.sample_response) == ({"id": 5}, None)


@pytest.mark.parametrize(
    "data",
    [
        {"keep": "name", "response": "1"},
        {"keep": "response", "response": "x"},
        {"keep": "arguments", "arguments": "[1]"},
        {"keep": "response", "response": f'"{"x" * LARGEST_SAMPLE}"'},
    ],
)
def test_it_keeps_no_sample_that_is_none(client, order, data):
    response = client.post(url_of(order, "sample"), data, follow=True)
    assert "The sample cannot be kept." in response.text
    order.refresh_from_db()
    assert (order.sample_arguments, order.sample_response) == ({"id": 7}, None)


def test_it_offers_to_keep_no_large_sample(client, workshop, shop):
    """Five pages, each of which repeats what it was sent."""
    echo = workshop.call(
        shop,
        "echo",
        "/echo",
        method="POST",
        body_kind="text",
        body="{{ a }}",
        paging={"kind": "page", "most_pages": 5},
    )
    arguments = {"a": "y" * 60_000, "b": "z" * LARGEST_SAMPLE}
    response = attempt(client, echo, json.dumps(arguments))
    assert "Answered 200 in" in response.text
    assert response.context["kept_response"] == response.context["kept_arguments"] == ""
    assert "sample</button>" not in response.text
    assert len(response.content) < 2 * LARGEST_SAMPLE  # what was typed, and little more


def test_it_obtains_a_fresh_token_when_asked(client, workshop, upstream):
    token_call = {"name": "sign-in", "method": "GET", "url": "/echo", "query": TOKEN_ROWS}
    settings = {
        "calls": [token_call],
        "place": "header",
        "name": "X-Token",
        "value": "{{ token.query.t }}",
        "lifetime": "3600",
    }
    system = workshop.system("tokens", "", "token", {"user": "alice"}, auth=settings)
    call = workshop.call(system, "echo", "/echo")
    for token, tokens_obtained in (("kept", 1), ("kept", 1), ("fresh", 2)):
        page = attempt(client, call, token=token).text
        assert "Answered 200 in" in page
        assert "page-token-canary" not in page
        assert len(upstream.requests_to("/echo?t=")) == tokens_obtained
