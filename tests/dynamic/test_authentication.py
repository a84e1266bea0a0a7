"""A system's settings and a credential's values, checked before anything is sent with them."""

import asyncio

import pytest

from dynamic.flow.exchange import Response
from dynamic.models import Credential, System
from dynamic.models.authentication import authentication, check_settings

CLIENT = {"token_url": "https://login.example/token"}
HALF = "half \ud800"  # JSON can say it, and no encoding can


def system(auth_type, auth):
    return System(slug="shop", base_url="https://shop.example/api", auth_type=auth_type, auth=auth)


def signing_in(**call):
    return system("token", {"calls": [{"url": "/login", **call}]})


@pytest.mark.parametrize(
    "written",
    [
        signing_in(body_kind="json", body={"n": 10**30}),
        signing_in(body_kind="json", body={"n": HALF}),
        signing_in(name=HALF),
        system("oauth2_client", {**CLIENT, "scope": HALF}),
        system("oauth2_client", {**CLIENT, "params": [{"key": "audience", "value": HALF}]}),
    ],
    ids=str,
)
def test_it_refuses_settings_that_cannot_be_sent(written):
    with pytest.raises(ValueError, match="The settings hold what cannot be sent"):
        check_settings(written)


def test_it_refuses_values_that_cannot_be_sent():
    credential = Credential(system=signing_in(), values={"user": HALF})
    with pytest.raises(ValueError, match="The values hold what cannot be sent"):
        authentication(credential.system, credential)


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding"])
def test_it_refuses_a_header_that_is_not_a_credentials_to_set(name):
    with pytest.raises(ValueError, match="is set by the connection itself"):
        check_settings(system("header", {"name": name}))


@pytest.mark.parametrize("values", [{"client_secret": "x"}, {"client_secret": ""}])
def test_it_takes_a_client_id_with_a_colon_in_the_body(values):
    client = system("oauth2_password", {**CLIENT, "client_auth": "body"})
    values = {"client_id": "urn:client", "username": "a", "password": "b", **values}
    assert authentication(client, Credential(system=client, values=values))


def test_it_evaluates_the_path_of_a_token_call_at_another_host():
    shop = signing_in(url="https://login.example/{{ credential.tenant }}/token")
    auth = authentication(shop, Credential(system=shop, values={"tenant": "a/b"}))
    asked = []

    async def send(request):
        asked.append(request.url)
        return Response(200, {}, {"access_token": "x"}, 1.0)

    asyncio.run(auth.recipe.obtain(send, None))
    assert asked == ["https://login.example/a%2Fb/token"]


@pytest.mark.parametrize(
    "url", ["https://{{ credential.host }}/x", "https://a.example{{ credential.host }}/x"]
)
def test_it_lets_no_expression_choose_the_host_of_a_token_call(url):
    with pytest.raises(ValueError, match="base_url"):
        check_settings(signing_in(url=url))
