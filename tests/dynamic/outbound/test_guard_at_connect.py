"""The guard where it counts: between the look-up and the socket."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dynamic.flow.exchange import Refused, Response, Unreachable
from dynamic.outbound.client import Client

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

Send = Callable[..., Awaitable[Response]]
MakeClient = Callable[..., Client]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1.", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "0.0.0.0", "[::]", "１２７.0.0.1", "127。0。0。1", "127.1",
        "2130706433", "0x7f000001", "017700000001", "0x7f.1",
    ],
)  # fmt: skip
async def test_it_opens_no_socket_to_this_machine_however_it_is_spelt(
    host: str, listen, make_client: MakeClient, send: Send
) -> None:
    listener = await listen(OK)
    with pytest.raises(Refused):
        await send(f"http://{host}:{listener.port}/", by=make_client(allowed=[]))
    assert listener.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1.", "[::ffff:127.0.0.1]", "１２７.0.0.1"])
async def test_it_judges_each_spelling_of_an_allowed_address_as_that_address(
    host: str, listen, send: Send
) -> None:
    listener = await listen(OK)
    assert (await send(f"http://{host}:{listener.port}/")).data == "ok"


async def test_it_allows_a_name_and_not_another_name_for_the_same_address(
    listen, make_client: MakeClient, send: Send, names
) -> None:
    listener = await listen(OK)
    resolver = names(erp_internal=[["127.0.0.1"]], other_internal=[["127.0.0.1"]])
    client = make_client(allowed=["erp.internal"], resolver=resolver)
    port = listener.port

    assert (await send(f"http://erp.internal:{port}/", by=client)).data == "ok"
    for host in ("other.internal", "127.0.0.1"):
        with pytest.raises(Refused, match=host):
            await send(f"http://{host}:{port}/", by=client)
    assert (await send(f"http://ERP.internal.:{port}/", by=client)).data == "ok"
    assert listener.connections == 1  # the pooled one, found only by the name that was allowed


async def test_it_tells_concurrent_requests_for_one_address_apart_by_name(
    listen, make_client: MakeClient, send: Send, names
) -> None:
    listener = await listen(OK)
    # Two addresses a name, so that happy eyeballs connects in tasks of its own.
    both = ["127.0.0.1", "127.0.0.2"]
    resolver = names(erp_internal=[both], other_internal=[both])
    client = make_client(allowed=["erp.internal"], resolver=resolver)
    hosts = ["erp.internal", "other.internal"] * 10
    outcomes = await asyncio.gather(
        *(send(f"http://{host}:{listener.port}/", by=client) for host in hosts),
        return_exceptions=True,
    )
    for host, outcome in zip(hosts, outcomes, strict=True):
        assert isinstance(outcome, Response if host == "erp.internal" else Refused)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.2", "127.0.0.1"],
        ["127.0.0.1", "127.0.0.2"],
        ["::1", "127.0.0.1"],
        ["127.0.0.1", "::1"],
        ["fe80::1%lo", "127.0.0.1"],
        ["10.0.0.5", "169.254.169.254", "127.0.0.1"],
    ],
)
async def test_it_connects_only_to_the_allowed_one_of_several_addresses(
    addresses: list[str], listen, make_client: MakeClient, send: Send, names
) -> None:
    allowed = await listen(OK)
    refused = await listen(OK)
    resolver = names(shop_example=[addresses])
    client = make_client(allowed=[f"127.0.0.1:{allowed.port}"], resolver=resolver)

    assert (await send(f"http://shop.example:{allowed.port}/", by=client)).data == "ok"
    with pytest.raises(Refused, match=r"^shop\.example stands for"):
        await send(f"http://shop.example:{refused.port}/", by=client)
    assert (allowed.connections, refused.connections) == (1, 0)


async def test_it_says_unreachable_when_the_allowed_one_of_two_addresses_does_not_answer(
    unused_port: int, make_client: MakeClient, send: Send, names
) -> None:
    client = make_client(resolver=names(shop_example=[["10.0.0.5", "127.0.0.1"]]))
    with pytest.raises(Unreachable, match=r"^No connection to shop\.example"):
        await send(f"http://shop.example:{unused_port}/", by=client)


async def test_it_looks_a_name_up_once_so_a_changed_answer_changes_nothing(
    listen, make_client: MakeClient, send: Send, names
) -> None:
    listener = await listen(CLOSING)
    # A rebinding name: harmless when first asked, this machine ever after.
    resolver = names(rebind_example=[["10.0.0.5"], ["127.0.0.1"]])
    client = make_client(allowed=["127.0.0.2"], resolver=resolver)
    with pytest.raises(Refused, match=r"stands for 10\.0\.0\.5, a private network"):
        await send(f"http://rebind.example:{listener.port}/", by=client)
    assert resolver.asked == ["rebind.example"]
    assert listener.connections == 0


async def test_it_judges_every_new_look_up_of_a_name_afresh(
    listen, make_client: MakeClient, send: Send, names
) -> None:
    first, second = await listen(CLOSING), await listen(CLOSING)
    resolver = names(rebind_example=[["127.0.0.1"], ["127.0.0.2"], ["10.0.0.5"]])
    client = make_client(allowed=["127.0.0.1"], resolver=resolver)
    await send(f"http://rebind.example:{first.port}/", by=client)
    # Another port is another entry of the look-up cache, hence another look-up.
    with pytest.raises(Refused, match=r"127\.0\.0\.2"):
        await send(f"http://rebind.example:{second.port}/", by=client)
    assert (first.connections, second.connections) == (1, 0)


async def test_it_refuses_a_resolver_that_answers_with_a_name(
    listen, make_client: MakeClient, send: Send, names
) -> None:
    listener = await listen(OK)
    client = make_client(resolver=names(shop_example=[["localhost"]]))
    with pytest.raises(Refused):
        await send(f"http://shop.example:{listener.port}/", by=client)
    assert listener.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_it_returns_a_redirect_and_does_not_follow_it(
    status: int, listen, make_client: MakeClient, send: Send
) -> None:
    target = await listen(OK)
    head = f"HTTP/1.1 {status} Moved\r\nLocation: {target.url}/\r\nContent-Length: 0\r\n\r\n"
    listener = await listen(head.encode())
    client = make_client(allowed=[f"127.0.0.1:{listener.port}"])
    answer = await send(listener.url, by=client)
    assert (answer.status_code, answer.headers["location"]) == (status, f"{target.url}/")
    assert target.connections == 0
