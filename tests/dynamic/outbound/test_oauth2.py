"""OAuth 2.0 against a token endpoint that checks what it is sent (RFC 6749)."""

import base64
import hashlib
import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from aiohttp import web

from dynamic.flow.exchange import NoToken
from dynamic.flow.expressions import compile_template
from dynamic.outbound.oauth2 import OAuth2
from dynamic.outbound.tokens import Token, TokenAuth

SECRET = "client-canary"


@pytest.fixture
def server(api):
    """/token hands out access-1, access-2, …, with a refresh token, and keeps what it was sent."""
    api.asked = []
    api.refuse = {}

    async def token(request):
        form = dict(parse_qsl(api.bodies[-1]))
        api.asked.append(form)
        if form["grant_type"] in api.refuse:
            error = {"error": api.refuse[form["grant_type"]], "error_description": "no more"}
            return web.json_response(error, status=400)
        number = len(api.asked)
        answer = {"access_token": f"access-{number}", "token_type": "Bearer", "expires_in": 3600}
        return web.json_response(answer | {"refresh_token": f"refresh-{number}"})

    async def orders(request):
        good = request.headers.get("Authorization") == f"Bearer access-{len(api.asked)}"
        return web.json_response({"ok": good}, status=200 if good else 401)

    api.answer("/token", token)
    api.answer("/orders", orders)
    return api


def oauth2(server, grant="client_credentials", **more):
    values = {"client_id": "client", "client_secret": SECRET, **more.pop("values", {})}
    recipe = OAuth2(
        **{
            "system": "shop",
            "credential": 1,
            "made_for": "fingerprint",
            "grant": grant,
            "token_url": f"{server.url}/token",
            "scope": "read write",
            "client_auth": "basic",
            "params": (("audience", "https://api.example/"),),
            "values": values,
            "authorize_url": f"{server.url}/authorize?tenant=1",
            **more,
        }
    )
    value = compile_template("Bearer {{ token.access_token }}")
    return TokenAuth(recipe, "header", "Authorization", value, (SECRET,))


async def test_it_asks_with_the_clients_own_credentials(server, deliver):
    answer = await deliver(f"{server.url}/orders", auth=oauth2(server))
    assert answer.status_code == 200
    (form,) = server.asked
    assert form == {
        "grant_type": "client_credentials",
        "scope": "read write",
        "audience": "https://api.example/",
    }
    pair = base64.b64encode(f"client:{SECRET}".encode()).decode()
    assert server.seen[0].headers["Authorization"] == f"Basic {pair}"


async def test_it_sends_the_clients_credentials_in_the_body_where_that_is_wanted(server, deliver):
    await deliver(f"{server.url}/orders", auth=oauth2(server, client_auth="body"))
    assert (server.asked[0]["client_id"], server.asked[0]["client_secret"]) == ("client", SECRET)
    assert "Authorization" not in server.seen[0].headers


async def test_it_sends_no_secret_of_a_public_client(server, deliver):
    auth = oauth2(
        server,
        "password",
        values={"client_secret": "", "username": "alice", "password": "pass-canary"},
    )
    await deliver(f"{server.url}/orders", auth=auth)
    assert server.asked[0] == {
        "grant_type": "password",
        "client_id": "client",
        "username": "alice",
        "password": "pass-canary",
        "scope": "read write",
        "audience": "https://api.example/",
    }


async def test_it_refreshes_a_token_that_is_refused(server, deliver):
    auth = oauth2(server)
    await deliver(f"{server.url}/orders", auth=auth)
    server.answer("/orders", 401, server.script["/orders"][0])
    assert (await deliver(f"{server.url}/orders", auth=auth)).status_code == 200
    assert server.asked[1]["grant_type"] == "refresh_token"
    assert server.asked[1]["refresh_token"] == "refresh-1"


async def test_it_asks_anew_when_the_refresh_is_refused(server, deliver):
    auth = oauth2(server)
    await deliver(f"{server.url}/orders", auth=auth)
    server.refuse = {"refresh_token": "invalid_grant"}
    server.answer("/orders", 401, server.script["/orders"][0])
    assert (await deliver(f"{server.url}/orders", auth=auth)).status_code == 200
    assert [form["grant_type"] for form in server.asked[1:]] == [
        "refresh_token",
        "client_credentials",
    ]


async def test_it_keeps_the_refresh_token_where_no_new_one_comes(api, deliver):
    api.answer("/token", {"access_token": "a-1", "token_type": "bearer"})
    api.answer("/orders", 200)
    recipe = oauth2(api, "authorization_code").recipe
    last = Token({"access_token": "old", "refresh_token": "kept"}, time.time() - 1)

    async def send(request):
        return await deliver(request.url, request.method, body=request.body)

    token = await recipe.obtain(send, last)
    assert token.answer["refresh_token"] == "kept"
    assert token.expires_at is None


async def test_it_says_what_the_server_said(server, deliver):
    server.refuse = {"client_credentials": "invalid_client"}
    with pytest.raises(NoToken, match="answered with status 400, invalid_client: no more"):
        await deliver(f"{server.url}/orders", auth=oauth2(server))


@pytest.mark.parametrize(
    "answer",
    [
        *({}, [], "text", {"access_token": ""}, {"token": "x"}, None, {"expires_in": "x"}, 500),
        {"access_token": "a", "expires_in": 1e300},
        web.Response(text='{"access_token": "a", "expires_in": 1e999}'),
        web.Response(text='{"access_token": "\\ud800"}'),
        web.Response(text="[" * 100_000),
        {"access_token": "a", "profile": "x" * 300_000},
    ],
    ids=lambda answer: repr(answer)[:40],
)
async def test_it_says_when_the_answer_is_no_token(api, deliver, answer):
    plain = isinstance(answer, int | web.Response)
    api.answer("/token", answer if plain else web.json_response(answer))
    with pytest.raises(NoToken):
        await deliver(f"{api.url}/orders", auth=oauth2(api))


async def test_it_asks_for_a_persons_consent_where_nobody_gave_it(server, deliver):
    with pytest.raises(NoToken, match="choose Connect"):
        await deliver(f"{server.url}/orders", auth=oauth2(server, "authorization_code"))
    assert server.asked == []


async def test_it_sends_people_to_consent_with_state_and_challenge(server):
    recipe = oauth2(server, "authorization_code").recipe
    url = recipe.consent_url("https://integrator.example/callback/", "state-1", "v" * 43)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    digest = hashlib.sha256(b"v" * 43).digest()
    assert url.startswith(f"{server.url}/authorize?tenant=1&")
    assert query == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "client",
        "redirect_uri": "https://integrator.example/callback/",
        "scope": "read write",
        "state": "state-1",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "audience": "https://api.example/",
    }


@pytest.mark.parametrize("empty", [None, ""])
async def test_it_keeps_the_refresh_token_where_an_empty_one_comes(api, deliver, empty):
    api.answer("/token", {"access_token": "a-1", "refresh_token": empty})
    last = Token({"access_token": "old", "refresh_token": "kept"}, time.time() - 1)

    async def send(request):
        return await deliver(request.url, request.method, body=request.body)

    token = await oauth2(api, "authorization_code").recipe.obtain(send, last)
    assert token.answer["refresh_token"] == "kept"


async def test_it_sends_all_parameters_and_lets_none_stand_in_for_its_own(server, deliver):
    params = (
        *(("resource", "a"), ("resource", "b"), ("body", "c"), ("include_client_id", "d")),
        *(("grant_type", "x"), ("client_id", "x"), ("client_secret", "x"), ("scope", "x")),
    )
    await deliver(f"{server.url}/orders", auth=oauth2(server, params=params, client_auth="body"))
    assert parse_qs(server.bodies[0]) == {
        "resource": ["a", "b"],
        "body": ["c"],
        "include_client_id": ["d"],
        "grant_type": ["client_credentials"],
        "client_id": ["client"],
        "client_secret": [SECRET],
        "scope": ["read write"],
    }


async def test_it_takes_a_lifetime_of_less_than_nothing_for_none(api, deliver):
    api.answer("/token", {"access_token": "a-1", "expires_in": -1})
    api.answer("/orders", 200)
    for _ in range(2):
        await deliver(f"{api.url}/orders", auth=oauth2(api))
    assert api.targets("/token") == ["/token"]
