"""A call or a connection tried from a page: the pipe's own machinery, and no secret in sight."""

import json

import pytest

from dynamic.models import ApiCall, IssuedToken
from dynamic.systems.trying import try_call, try_connection
from tests.authorization_server import CLIENT_ID, CLIENT_SECRET
from tests.upstream import SHOP_KEY


def only_credential(system):
    return system.credentials.get()


@pytest.fixture
def shop(workshop):
    return workshop.system(
        "shop", "/shop", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
    )


@pytest.fixture
def oauth(workshop, upstream):
    return workshop.system(
        "crm",
        "/oauth",
        "oauth2_client",
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        auth={"token_url": f"{upstream.url}/oauth/token"},
        health_path="/orders",
    )


def test_it_shows_what_was_sent_and_what_came_back(workshop, shop, upstream):
    call = workshop.call(
        shop, "get-order", "/orders/{{ id }}", headers=[{"key": "A", "value": "b"}]
    )
    trial = try_call(call, only_credential(shop), {"id": "7/8"})
    assert trial.ok
    assert trial.sentence.startswith("Answered 200 in ")
    assert trial.request == {
        "api": "shop/get-order",
        "method": "GET",
        "url": f"{upstream.url}/shop/orders/7%2F8",
        "headers": [["A", "b"]],
        "body": None,
    }
    assert trial.response["data"]["id"] == "7/8"
    assert SHOP_KEY not in json.dumps(trial.as_dict())


def test_it_says_when_the_status_is_not_fine(workshop, shop):
    call = workshop.call(shop, "get-order", "/orders/7", skip_auth=True)
    trial = try_call(call, only_credential(shop), {})
    assert (trial.ok, trial.response["status_code"]) == (False, 401)


def test_it_masks_a_secret_that_the_upstream_echoes(workshop):
    mirror = workshop.system("mirror", "/echo", "query", {"secret": SHOP_KEY}, auth={"name": "q"})
    trial = try_connection(mirror, only_credential(mirror))
    assert trial.response["data"]["query"] == {"q": "•••"}
    assert SHOP_KEY not in json.dumps(trial.as_dict())


@pytest.mark.parametrize(
    ("fields", "arguments", "said"),
    [
        ({"path": "/orders/{{ id }}"}, {}, "The path needs {{ id }}"),
        ({"path": "/{{ $sum(id) }}"}, {"id": "x"}, "The request cannot be made"),
    ],
)
def test_it_says_why_there_is_no_request(workshop, shop, fields, arguments, said):
    call = workshop.call(shop, "get-order", **fields)
    trial = try_call(call, only_credential(shop), arguments)
    assert (trial.ok, trial.request) == (False, None)
    assert said in trial.sentence


def test_it_says_that_a_credential_is_missing(workshop, shop):
    call = workshop.call(shop, "get-order", "/orders/7")
    assert "has no such credential" in try_call(call, None, {}).sentence


def test_it_says_what_the_guard_refuses(workshop):
    system = workshop.system("inside")
    system.base_url = "http://10.0.0.1"
    trial = try_connection(system, None)
    assert not trial.ok
    assert "a private network" in trial.sentence
    assert trial.request["url"] == "http://10.0.0.1"


def test_it_tells_every_attempt(workshop):
    system = workshop.system("trouble")
    call = workshop.call(system, "s", "/status/503", retry={"attempts": 3, "wait": 0})
    trial = try_call(call, None, {})
    assert [entry["status_code"] for entry in trial.attempts] == [503, 503, 503]


def test_it_keeps_the_token_for_pipes_and_renews_it_when_asked(oauth, upstream):
    upstream.oauth.asked.clear()
    assert try_connection(oauth, only_credential(oauth)).ok
    assert try_connection(oauth, only_credential(oauth)).ok
    assert upstream.oauth.asked == ["client_credentials"]
    first = IssuedToken.objects.get()
    trial = try_connection(oauth, only_credential(oauth), fresh_token=True)
    assert trial.ok
    assert upstream.oauth.asked == ["client_credentials", "refresh_token"]
    assert IssuedToken.objects.get().version != first.version
    assert "canary" not in json.dumps(trial.as_dict())


def test_it_says_what_the_token_endpoint_said(oauth):
    credential = only_credential(oauth)
    credential.values = {"client_id": CLIENT_ID, "client_secret": "wrong"}
    credential.save()
    trial = try_connection(oauth, credential)
    assert not trial.ok
    assert "answered with status 401, invalid_client" in trial.sentence


def test_it_sends_every_kind_of_body(workshop):
    system = workshop.system("mirror", common_body=[{"key": "shop", "value": "1"}])
    rows = [{"key": "name", "value": "{{ name }}"}, {"key": "gone", "value": "{{ nothing }}"}]
    bodies = {
        "json": ({"n": "{{ name }}", "rest": [1]}, '{"shop":"1","n":"Zoë & Co","rest":[1]}'),
        "form": (rows, "shop=1&name=Zo%C3%AB+%26+Co"),
        "text": ("Dear {{ name }}", "Dear Zoë & Co"),
        "xml": ("<n a='{{ name }}'/>", "<n a='Zoë &amp; Co'/>"),
    }
    for kind, (body, sent) in bodies.items():
        call = workshop.call(
            system, kind, "/echo", method=ApiCall.Method.POST, body_kind=kind, body=body
        )
        assert try_call(call, None, {"name": "Zoë & Co"}).response["data"]["body"] == sent


def test_it_sends_files(workshop):
    system = workshop.system("mirror")
    rows = [
        {"key": "note", "value": "{{ note }}"},
        {"key": "file", "value": "{{ file }}", "filename": "a.txt", "content_type": "text/plain"},
    ]
    call = workshop.call(
        system, "up", "/echo", method=ApiCall.Method.POST, body_kind="multipart", body=rows
    )
    arguments = {"note": 'a "b"', "file": {"base64": "aGVsbG8="}}
    data = try_call(call, None, arguments).response["data"]
    boundary = data["headers"]["Content-Type"].partition("boundary=")[2]
    assert data["body"].split(f"--{boundary}") == [
        "",
        '\r\nContent-Disposition: form-data; name="note"\r\n\r\na "b"\r\n',
        '\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        "Content-Type: text/plain\r\n\r\nhello\r\n",
        "--\r\n",
    ]
