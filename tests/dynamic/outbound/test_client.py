"""A request out and an answer back, over a well-behaved server."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from dynamic.flow.exchange import Refused, Request, Response
from dynamic.outbound.auth import Basic, NoAuth, StaticKey
from dynamic.outbound.client import Client, Timeouts

Send = Callable[..., Awaitable[Response]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "target": request.raw_path,
            "headers": [[name, value] for name, value in request.headers.items()],
            "size": len(body),
            "body": body[:100].decode(),
        },
        status=int(request.query.get("status", "200")),
    )


@pytest.fixture
async def upstream() -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{rest:.*}", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"])
async def test_it_sends_method_body_and_target_as_they_are(
    method: str, upstream: str, send: Send
) -> None:
    target = "/a%2Fb/../c%20d/%7E;x?q=%20+%2B&q=%C3%A9&&e"
    answer = await send(upstream + target, method, body=b"hello")
    assert answer.status_code == 200
    assert (answer.data["method"], answer.data["target"]) == (method, target)
    assert answer.data["body"] == "hello"


async def test_it_sends_a_body_of_many_megabytes(upstream: str, send: Send) -> None:
    assert (await send(upstream, "POST", body=b"x" * 5_000_000)).data["size"] == 5_000_000


async def test_it_keeps_repeated_headers_and_leaves_framing_to_itself(
    upstream: str, send: Send
) -> None:
    given = (
        ("X-Tag", "a"),
        ("X-Tag", "b"),
        ("Content-Type", "text/csv"),
        ("Content-Length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Expect", "100-continue"),
        ("accept-encoding", "br"),
    )
    answer = await send(upstream, "POST", headers=given, body=b"hello")
    rows = [(name.lower(), value) for name, value in answer.data["headers"]]
    assert [value for name, value in rows if name == "x-tag"] == ["a", "b"]
    sent = dict(rows)
    assert sent["content-type"] == "text/csv"
    assert sent["content-length"] == "5"
    assert sent["accept-encoding"] == "gzip, deflate"
    assert not sent.keys() & {"transfer-encoding", "connection", "expect"}


async def test_it_claims_no_content_type_that_the_call_does_not(upstream: str, send: Send) -> None:
    answer = await send(upstream, "POST", body=b"hello")
    assert "content-type" not in {name.lower() for name, _ in answer.data["headers"]}


@pytest.mark.parametrize(
    ("headers", "agent"), [((), "Integrator"), ((("user-agent", "Mine/1"),), "Mine/1")]
)
async def test_it_names_itself_unless_the_call_does(
    headers: tuple[tuple[str, str], ...], agent: str, upstream: str, send: Send
) -> None:
    rows = (await send(upstream, headers=headers)).data["headers"]
    assert [value for name, value in rows if name.lower() == "user-agent"] == [agent]


async def test_it_adds_a_key_to_the_query_or_a_header(upstream: str, send: Send) -> None:
    key = StaticKey("query", "key", "a b&c/é")
    answer = await send(f"{upstream}/x?a=1", auth=key)
    assert answer.data["target"] == "/x?a=1&key=a%20b%26c%2F%C3%A9"
    answer = await send(upstream, auth=Basic("Aladdin", "open sesame"))
    assert ["Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] in answer.data["headers"]


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 409, 429, 500, 503, 599])
async def test_it_returns_an_answer_of_any_status(status: int, upstream: str, send: Send) -> None:
    assert (await send(f"{upstream}/?status={status}")).status_code == status


async def test_it_gives_headers_in_lower_case_joined_and_without_cookies(
    listen, send: Send
) -> None:
    listener = await listen(
        b"HTTP/1.1 200 OK\r\nX-Tag: a\r\nx-tag: b\r\nSet-Cookie: s=1\r\n"
        b"X-Name: caf\xe9\r\nX-Utf: caf\xc3\xa9\r\nContent-Length: 0\r\n\r\n"
    )
    answer = await send(listener.url)
    assert answer.headers == {
        "x-tag": "a, b",
        "x-name": "café",
        "x-utf": "café",
        "content-length": "0",
    }


async def test_it_keeps_no_cookies(listen, make_client, send: Send, names) -> None:
    listener = await listen(b"HTTP/1.1 204 No Content\r\nSet-Cookie: s=1\r\n\r\n")
    # By name, because no client keeps the cookies of a bare address.
    client = make_client(resolver=names(shop_example=[["127.0.0.1"]]))
    for _ in range(2):
        await send(f"http://shop.example:{listener.port}/", by=client)
    assert b"cookie" not in listener.heads[1].lower()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_it_gives_none_for_an_answer_without_a_body(head: bytes, listen, send: Send) -> None:
    listener = await listen(head)
    assert (await send(listener.url)).data is None
    assert (await send(listener.url)).data is None
    assert listener.connections == 1


async def test_it_expects_no_body_after_head(listen, send: Send) -> None:
    listener = await listen(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 99999999\r\n\r\n"
    )
    assert (await send(listener.url, "HEAD")).headers["content-length"] == "99999999"


async def test_it_measures_from_before_connecting_to_the_last_byte(listen, send: Send) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await asyncio.sleep(0.05)
        writer.write(b"k")

    listener = await listen(slow)
    assert 50 <= (await send(listener.url)).ms < 2000


async def test_it_uses_a_connection_again(listen, send: Send) -> None:
    listener = await listen(OK)
    for _ in range(3):
        await send(listener.url)
    assert listener.connections == 1


async def test_it_opens_at_most_so_many_connections(listen, make_client, send: Send) -> None:
    listener = await listen(OK)
    client = make_client(max_connections=2)
    await asyncio.gather(*(send(listener.url, by=client) for _ in range(10)))
    assert listener.connections == 2


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET /x HTTP/1.1\r\nX:", ()),
        ("", ()),
        ("GET", (("X-Tag", "a\r\nHost: evil"),)),
        ("GET", (("X-Tag", "a\x00b"),)),
        ("GET", (("X Tag\r\nY", "a"),)),
        ("GET", (("X-Tag", "\ud800"),)),
    ],
)
async def test_it_refuses_to_send_what_http_does_not_allow(
    method: str, headers: tuple[tuple[str, str], ...], listen, send: Send
) -> None:
    listener = await listen(OK)
    with pytest.raises(Refused, match=r"method|header"):
        await send(listener.url, method, headers=headers)
    assert listener.connections == 0


async def test_it_closes_the_connection_when_it_is_cancelled(listen, send: Send) -> None:
    asked = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        await writer.drain()
        asked.set()

    listener = await listen(hang)
    sending = asyncio.create_task(send(listener.url))
    await asked.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await listener.all_gone()


async def test_it_lets_the_callers_own_deadline_pass_as_such(listen, send: Send) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say nothing."""

    listener = await listen(hang)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await send(listener.url)
    await listener.all_gone()


async def test_it_may_be_closed_and_opened_again(listen, client: Client, send: Send) -> None:
    listener = await listen(OK)
    await client.open()
    await client.open()
    await send(listener.url)
    await client.close()
    await client.close()
    await listener.all_gone()
    await send(listener.url)
    assert listener.connections == 2


async def test_it_says_so_when_it_is_used_from_another_event_loop(
    listen, client: Client, send: Send
) -> None:
    listener = await listen(OK)
    await send(listener.url)
    failures: list[BaseException] = []

    def elsewhere() -> None:
        request = Request("shop/get-order", "GET", listener.url)
        try:
            asyncio.run(client.send(request, NoAuth(), Timeouts()))
        except RuntimeError as failure:
            failures.append(failure)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "another event loop" in str(failures[0])


async def test_it_takes_no_proxy_from_the_environment(
    listen, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, listener = await listen(OK), await listen(OK)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    await send(listener.url)
    assert (proxy.connections, listener.connections) == (0, 1)
