"""Answers that send a request on, and what goes along."""

import pytest

from dynamic.flow.exchange import Refused, Unusable
from dynamic.outbound.auth import Basic, StaticKey
from tests.dynamic.outbound.api import response

KEY = StaticKey("header", "X-Api-Key", "canary-4711")
LOGIN = Basic("user", "canary-4711")


async def test_it_gives_a_redirect_as_an_answer_unless_it_may_follow(api, deliver):
    api.answer("/a", response(302, Location="/b"))
    assert (await deliver(f"{api.url}/a")).status_code == 302
    assert api.targets() == ["/a"]


async def test_it_follows_and_keeps_the_credential_at_home(api, deliver):
    api.answer("/a", response(302, Location="/b?x=%2F"))
    api.answer("/b", {"here": True})
    answer = await deliver(f"{api.url}/a", redirects=True, auth=KEY)
    assert answer.data == {"here": True}
    assert api.targets() == ["/a", "/b?x=%2F"]
    assert all(request.headers["X-Api-Key"] == "canary-4711" for request in api.seen)
    assert deliver.attempts[0]["note"] == "It was sent on."


@pytest.mark.parametrize("auth", [KEY, LOGIN, StaticKey("query", "key", "canary-4711")])
async def test_it_carries_no_credential_to_another_origin(api, other_api, deliver, auth):
    api.answer("/a", response(307, Location=f"{other_api.url}/b"))
    other_api.answer("/b", {"ok": 1})
    own = (("X-Own-Key", "canary-4711"), ("Cookie", "canary-4711"), ("Accept", "text/plain"))
    await deliver(f"{api.url}/a", redirects=True, auth=auth, headers=own)
    (arrived,) = other_api.seen
    assert arrived.headers["Accept"] == "text/plain"
    assert "canary" not in f"{arrived.raw_path} {arrived.raw_headers}"


async def test_it_never_gives_a_credential_back_once_it_has_left(api, other_api, deliver):
    api.answer("/a", response(302, Location=f"{other_api.url}/b"))
    other_api.answer("/b", response(302, Location=f"{api.url}/c"))
    api.answer("/c", {"ok": 1})
    await deliver(f"{api.url}/a", redirects=True, auth=KEY)
    assert "X-Api-Key" in api.seen[0].headers
    assert "X-Api-Key" not in api.seen[1].headers


async def test_it_takes_no_body_to_another_origin(api, other_api, deliver):
    api.answer("/a", response(308, Location=f"{other_api.url}/b"))
    with pytest.raises(Unusable, match="its body should go to another host"):
        await deliver(f"{api.url}/a", "POST", body=b"secret", redirects=True)
    assert other_api.seen == []


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
    ],
)
async def test_it_changes_the_method_as_browsers_do(api, deliver, status, method, becomes):
    api.answer("/a", response(status, Location="/b"))
    api.answer("/b", {"ok": 1})
    body = b"{}" if method != "HEAD" else None
    typed = (("Content-Type", "application/json"),)
    await deliver(f"{api.url}/a", method, body=body, headers=typed, redirects=True)
    assert api.seen[1].method == becomes
    assert ("Content-Type" in api.seen[1].headers) == (becomes not in {"GET", "HEAD"})
    assert api.bodies[1] == ("" if becomes in {"GET", "HEAD"} else "{}")


async def test_it_follows_five_and_no_more(api, deliver):
    for number in range(10):
        api.answer(f"/{number}", response(302, Location=f"/{number + 1}"))
    with pytest.raises(Unusable, match="more than 5 times"):
        await deliver(f"{api.url}/0", redirects=True)
    assert len(api.seen) == 6
    assert len(deliver.attempts) == 6


async def test_it_ends_a_loop(api, deliver):
    api.answer("/a", response(302, Location="/a"))
    with pytest.raises(Unusable):
        await deliver(f"{api.url}/a", redirects=True)
    assert len(api.seen) == 6


async def test_it_judges_every_hop_at_connect(api, listen, deliver):
    never = await listen(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", host="127.0.0.2")
    for location in (
        f"http://127.0.0.2:{never.port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.0.0.1/",
    ):
        api.answer("/a", response(302, Location=location))
        with pytest.raises(Refused, match="Ask the operator"):
            await deliver(f"{api.url}/a", redirects=True)
    assert never.connections == 0


@pytest.mark.parametrize(
    "location", ["ftp://a.example/", "//user:pw@a.example/", "x y", "http://[", "//a\u2100b/"]
)
async def test_it_refuses_a_location_that_is_no_url_to_call(api, deliver, location):
    api.answer("/a", response(302, Location=location))
    with pytest.raises(Refused):
        await deliver(f"{api.url}/a", redirects=True)


async def test_it_takes_a_redirect_without_location_as_the_answer(api, deliver):
    api.answer("/a", 302)
    assert (await deliver(f"{api.url}/a", redirects=True)).status_code == 302
