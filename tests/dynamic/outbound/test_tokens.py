"""Dynamic tokens: obtained by calls, shared, renewed once, and never shown."""

import asyncio

import pytest

from dynamic.flow.api_call import ApiCall
from dynamic.flow.exchange import NoToken
from dynamic.flow.expressions import compile_template
from dynamic.outbound import tokens
from dynamic.outbound.delivery import Journey
from dynamic.outbound.token_calls import TokenCalls
from dynamic.outbound.tokens import Token, TokenAuth
from tests.dynamic.outbound.api import response, together
from tests.dynamic.outbound.delivering import Deliverer, MemoryVault

VALUES = {"user": "alice", "password": "canary-4711"}


def sign_in(base_url, name="login", path="/login", body=None):
    call = ApiCall.compile(
        name=name,
        method="POST",
        base_url=base_url,
        path=path,
        body_kind="json",
        body=body or {"user": "{{ credential.user }}", "password": "{{ credential.password }}"},
    )
    return name, call


def token_auth(base_url, *calls, lifetime="{{ token.expires_in }}", place="header", **more):
    recipe = TokenCalls(
        system="shop",
        credential=1,
        made_for=more.get("made_for", "fingerprint"),
        calls=calls or (sign_in(base_url),),
        lifetime=compile_template(lifetime),
        values=VALUES,
    )
    value = compile_template(more.get("value", "Bearer {{ token.access_token }}"))
    return TokenAuth(recipe, place, more.get("name", "Authorization"), value, ("canary-4711",))


@pytest.fixture
def shop(api):
    """/login gives token-1, token-2, …; /orders takes those that are in `good`."""
    api.good = {"token-1"}
    api.given = 0

    async def login(_):
        api.given += 1
        token = {"access_token": f"token-{api.given}", "expires_in": 3600}
        return await response(data=token)(None)

    async def orders(request):
        good = request.headers.get("Authorization", "").removeprefix("Bearer ") in api.good
        return await response(200 if good else 401, {"ok": good})(None)

    api.answer("/login", login)
    api.answer("/orders", orders)
    return api


async def test_it_signs_in_once_and_carries_the_token(shop, deliver):
    auth = token_auth(shop.url)
    for _ in range(3):
        assert (await deliver(f"{shop.url}/orders", auth=auth)).status_code == 200
    assert shop.targets("/login") == ["/login"]
    assert shop.bodies[0] == '{"user":"alice","password":"canary-4711"}'


async def test_it_signs_in_once_however_many_wait(shop, deliver):
    auth = token_auth(shop.url)
    calls = (deliver(f"{shop.url}/orders", auth=auth) for _ in range(50))
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    assert shop.given == 1


async def test_it_renews_once_when_a_hundred_are_refused_together(shop, deliver):
    auth = token_auth(shop.url)
    await deliver(f"{shop.url}/orders", auth=auth)
    shop.good = {"token-2"}
    first = together(100, 401)
    refused = 0

    async def orders(request):
        nonlocal refused
        if request.headers["Authorization"] == "Bearer token-1":
            refused += 1
            return await first(request)
        return await response(200)(None)

    shop.answer("/orders", orders)
    calls = (deliver(f"{shop.url}/orders", auth=auth) for _ in range(100))
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    assert (shop.given, refused) == (2, 100)


async def test_it_tells_that_it_renewed(shop, deliver):
    auth = token_auth(shop.url)
    await deliver(f"{shop.url}/orders", auth=auth)
    shop.good = {"token-2"}
    await deliver(f"{shop.url}/orders", auth=auth)
    assert [entry["status_code"] for entry in deliver.attempts] == [401, 200]
    assert deliver.attempts[0]["note"] == "The token was refused, and renewed."


async def test_it_does_not_storm_a_system_that_refuses_every_token(shop, deliver):
    shop.good = set()
    auth = token_auth(shop.url)
    for _ in range(10):
        assert (await deliver(f"{shop.url}/orders", auth=auth)).status_code == 401
    assert shop.given == 2  # the first one, and one renewal


async def test_it_takes_the_systems_own_token_failure_statuses(shop, deliver):
    auth = token_auth(shop.url)
    shop.answer("/orders", 419, 200)
    answer = await deliver(f"{shop.url}/orders", auth=auth, token_failures=frozenset({419}))
    assert (answer.status_code, shop.given) == (200, 2)


async def test_it_renews_no_token_for_a_host_that_never_saw_it(shop, other_api, deliver):
    shop.answer("/orders", response(302, Location=f"{other_api.url}/elsewhere"))
    other_api.answer("/elsewhere", 401)
    auth = token_auth(shop.url)
    assert (await deliver(f"{shop.url}/orders", auth=auth, redirects=True)).status_code == 401
    assert shop.given == 1


async def test_it_honours_the_expiry(shop, deliver):
    auth = token_auth(shop.url, lifetime="0.0")
    shop.good = {"token-1", "token-2"}
    for _ in range(2):
        await deliver(f"{shop.url}/orders", auth=auth)
    assert shop.given == 2


async def test_it_keeps_a_token_of_unknown_lifetime(shop, deliver):
    auth = token_auth(shop.url, lifetime="")
    for _ in range(2):
        await deliver(f"{shop.url}/orders", auth=auth)
    assert shop.given == 1


async def test_it_shares_tokens_between_processes(shop, make_client):
    one = Deliverer(make_client())
    other = Deliverer(make_client(), one.vault)
    auth = token_auth(shop.url)
    calls = [
        process(f"{shop.url}/orders", auth=auth) for _ in range(10) for process in (one, other)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    assert shop.given == 1
    shop.good = {"token-2"}
    assert (await one(f"{shop.url}/orders", auth=auth)).status_code == 200
    assert (await other(f"{shop.url}/orders", auth=auth)).status_code == 200
    assert shop.given == 2


async def test_it_obtains_another_one_for_changed_settings(shop, deliver):
    shop.good = {"token-1", "token-2"}
    await deliver(f"{shop.url}/orders", auth=token_auth(shop.url))
    await deliver(f"{shop.url}/orders", auth=token_auth(shop.url, made_for="changed"))
    assert shop.given == 2


async def test_it_makes_several_calls_the_later_with_answers_of_the_earlier(api, deliver):
    api.answer("/challenge", response(data={"nonce": "n1"}, X_Realm="r1"))
    api.answer("/login", {"session": {"sid": "s-123456789"}})
    api.answer("/orders", 200)
    calls = (
        sign_in(api.url, "challenge", "/challenge", {"user": "{{ credential.user }}"}),
        sign_in(
            api.url,
            "login",
            "/login",
            {
                "nonce": "{{ steps.challenge.data.nonce }}",
                "realm": "{{ steps.challenge.headers.`x-realm` }}",
                "last": "{{ token.nonce }}",
            },
        ),
    )
    auth = token_auth(
        api.url,
        *calls,
        lifetime="60",
        place="query",
        name="sid",
        value="{{ token.session.sid }}",
    )
    await deliver(f"{api.url}/orders?a=1", auth=auth)
    assert api.bodies[:2] == ['{"user":"alice"}', '{"nonce":"n1","realm":"r1","last":"n1"}']
    assert api.targets("/orders") == ["/orders?a=1&sid=s-123456789"]


async def test_it_says_why_there_is_no_token_and_does_not_try_again_at_once(api, deliver):
    api.answer("/login", 403)
    auth = token_auth(api.url)
    for _ in range(3):
        with pytest.raises(NoToken, match="the token call login was answered with status 403"):
            await deliver(f"{api.url}/orders", auth=auth)
    assert api.targets() == ["/login"]


@pytest.mark.parametrize(
    ("answer", "more", "said"),
    [
        ({"other": 1}, {}, "does not hold what calls should carry"),
        ({"access_token": "a\nb"}, {}, "line break"),
        ({"access_token": "a", "profile": "x" * 300_000}, {}, "larger than 256 KiB"),
        ({"access_token": "a", "expires_in": "soon"}, {}, "lifetime is no number"),
        ({"access_token": "a", "expires_in": "NaN"}, {}, "lifetime is no number"),
        ({"access_token": "a"}, {"value": "{{ $sum(token.access_token) }}"}, "cannot be used"),
    ],
)
async def test_it_says_what_is_wrong_with_a_tokens_answer(api, deliver, answer, more, said):
    api.answer("/login", answer)
    with pytest.raises(NoToken, match=said):
        await deliver(f"{api.url}/orders", auth=token_auth(api.url, **more))


async def test_it_hides_the_token_in_every_spelling(api, deliver):
    token = "a+b/c=d\u00e9-123456"
    answer = {"access_token": token, "refresh_token": "r-123", "scope": "read write orders"}
    api.answer("/login", {**answer, "access_token": "a+b/c=d-123456"})
    api.answer("/orders", 200)
    journey = Journey()
    await deliver(f"{api.url}/orders", auth=token_auth(api.url), journey=journey)
    assert {"a+b/c=d-123456", "a%2Bb%2Fc%3Dd-123456", "r-123"} <= journey.secrets
    assert not any("orders" in text for text in journey.secrets)


async def test_it_goes_on_for_the_others_when_the_first_who_asked_gives_up(shop, deliver):
    waiting = asyncio.Event()

    async def login(_):
        waiting.set()
        await asyncio.sleep(0.05)
        return await response(data={"access_token": "token-1"})(None)

    shop.answer("/login", login)
    auth = token_auth(shop.url)
    first = asyncio.create_task(deliver(f"{shop.url}/orders", auth=auth))
    await waiting.wait()
    second = asyncio.create_task(deliver(f"{shop.url}/orders", auth=auth))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).status_code == 200
    assert shop.targets("/login") == ["/login"]


async def test_it_takes_the_new_token_where_a_refusal_comes_late(shop, deliver):
    auth = token_auth(shop.url)
    await deliver(f"{shop.url}/orders", auth=auth)
    shop.good = {"token-2"}
    orders = shop.script["/orders"][0]
    under_way, renewed = asyncio.Event(), asyncio.Event()

    async def late(request):
        under_way.set()
        await renewed.wait()
        return await orders(request)

    shop.answer("/late", late)
    slow = asyncio.create_task(deliver(f"{shop.url}/late", auth=auth))
    await under_way.wait()
    assert (await deliver(f"{shop.url}/orders", auth=auth)).status_code == 200
    renewed.set()
    assert (await slow).status_code == 200
    assert shop.given == 2


async def test_it_hides_what_calls_carry_that_is_made_of_the_token(api, deliver):
    api.answer("/login", {"id": 4711, "ticket": "canary", "token_type": "Bearer"})
    api.answer("/orders", 200)
    journey = Journey()
    value = "{{ token.token_type }} {{ $base64encode($string(token.id) & token.ticket) }}"
    await deliver(f"{api.url}/orders", auth=token_auth(api.url, value=value), journey=journey)
    made = api.seen[-1].headers["Authorization"].removeprefix("Bearer ")
    assert made in journey.secrets
    assert "Bearer" not in journey.secrets


async def test_it_hides_a_token_that_cannot_be_used(api, deliver):
    api.answer("/login", {"access_token": "canary-4711"})
    journey = Journey()
    auth = token_auth(api.url, value="{{ $number(token.access_token) }}")
    with pytest.raises(NoToken, match="cannot be used"):
        await deliver(f"{api.url}/orders", auth=auth, journey=journey)
    assert "canary-4711" in journey.secrets


async def test_it_gives_the_claim_back_when_no_token_comes_in_time(api, deliver, monkeypatch):
    monkeypatch.setattr(tokens, "LEASE", 0.1)

    async def hang(_):
        await asyncio.Event().wait()

    api.answer("/login", hang)
    with pytest.raises(NoToken, match="no token within"):
        await deliver(f"{api.url}/orders", auth=token_auth(api.url))
    assert deliver.vault.claimed == set()


async def test_it_gives_the_claim_back_when_it_is_closed(api, deliver):
    asked = asyncio.Event()

    async def hang(_):
        asked.set()
        await asyncio.Event().wait()

    api.answer("/login", hang)
    call = asyncio.create_task(deliver(f"{api.url}/orders", auth=token_auth(api.url)))
    await asked.wait()
    call.cancel()
    await asyncio.wait([call])
    assert deliver.vault.claimed == {1}
    await deliver.delivery.close()
    assert deliver.vault.claimed == set()


async def test_it_forgets_the_oldest_of_very_many(shop, deliver, monkeypatch):
    monkeypatch.setattr(tokens, "_MOST_KNOWN", 2)
    shop.good = {f"token-{number}" for number in range(9)}
    for name in "abc":
        await deliver(f"{shop.url}/orders", auth=token_auth(shop.url, made_for=name))
    assert list(deliver.delivery._tokens._known) == ["b", "c"]


class LateVault(MemoryVault):
    """Another process keeps its token just before our claim."""

    async def claim(self, recipe):
        self.kept[recipe.made_for] = Token({"access_token": "token-of-another"})
        return await super().claim(recipe)


async def test_it_takes_the_token_that_another_process_kept_just_before(shop, client):
    shop.good = {"token-of-another"}
    vault = LateVault()
    deliver = Deliverer(client, vault)
    assert (await deliver(f"{shop.url}/orders", auth=token_auth(shop.url))).status_code == 200
    assert (shop.given, vault.claimed) == (0, set())
