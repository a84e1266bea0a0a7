"""Servers that break the rules: each ends in an answer or in a failure with a sentence."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable

import pytest

from dynamic.flow.exchange import Response, TimedOut, Unreachable, Unusable, UpstreamFailed

Send = Callable[..., Awaitable[Response]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def bare_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def gzipped(data: bytes) -> bytes:
    # Without the time of day: these bytes are part of test names, which all processes must share.
    return gzip.compress(data, mtime=0)


def whole(head: bytes, body: bytes) -> bytes:
    return HEAD + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def says(raw: bytes, *, then_close: bool = True):
    """A behaviour: read the request's head, say `raw`, and close or hold the connection."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        if then_close:
            writer.close()

    return behave


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"\x00" * 100,
        b"\x15\x03\x01\x00\x02\x02\x46",
        HEAD + b"No colon\r\n\r\n",
        HEAD + b"X-Key: a\x00b\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1e3\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
        HEAD + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\nabcde",
        HEAD + b"X-Long: " + b"a" * 10_000 + b"\r\n\r\n",
        HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(1000)) + b"\r\n",
        b"HTTP/1.1 200 " + b"a" * 10_000 + b"\r\n\r\n",
    ],
)
async def test_it_takes_no_answer_that_is_not_http(raw: bytes, listen, send: Send) -> None:
    listener = await listen(says(raw, then_close=False))
    with pytest.raises(Unusable, match=r"^127\.0\.0\.1 answered"):
        await send(listener.url)
    await listener.all_gone()


async def test_it_says_when_a_header_is_too_long(listen, send: Send) -> None:
    listener = await listen(HEAD + b"X-Long: " + b"a" * 10_000 + b"\r\n\r\n")
    with pytest.raises(Unusable, match="too long"):
        await send(listener.url)


async def test_it_reads_no_endless_head(listen, send: Send) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        while True:
            writer.write(b"X-More: and more\r\n" * 100)
            await writer.drain()

    listener = await listen(flood)
    with pytest.raises(Unusable, match="too many headers"):
        await send(listener.url)
    await listener.all_gone()


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Length: 10\r\n\r\nabc",
        HEAD + b"Content-Length: 10\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabcde\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
    ],
)
async def test_it_takes_no_body_that_is_cut_off_or_badly_framed(
    raw: bytes, listen, send: Send
) -> None:
    listener = await listen(says(raw))
    with pytest.raises(Unusable, match=r"^127\.0\.0\.1 answered"):
        await send(listener.url)
    await listener.all_gone()


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity\r\n\r\nok",
        HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 2\r\n\r\nok" + HEAD + b"Content-Length: 4\r\n\r\nevil",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        HEAD + b"X-A: 1\r\n folded\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Set-Cookie: \xff=;;;\r\nContent-Length: 2\r\n\r\nok",
        b"",
    ],
)
async def test_it_ends_every_ambiguous_answer_one_way_or_the_other(
    raw: bytes, listen, send: Send
) -> None:
    listener = await listen(says(raw))
    for _ in range(2):  # and spoils nothing for the next request
        (outcome,) = await asyncio.gather(send(listener.url), return_exceptions=True)
        if isinstance(outcome, UpstreamFailed):
            assert "127.0.0.1" in str(outcome)
        else:
            assert isinstance(outcome, Response)
            assert outcome.data in {"ok", None}
    await listener.all_gone()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 20",
        HEAD,
        HEAD + b"Content-Length: 10\r\n\r\nabc",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        HEAD + b"\r\nabc",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_it_says_unreachable_when_the_connection_is_reset(
    method: str, said: bytes, listen, reset, send: Send
) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await asyncio.sleep(0.02)  # so that what was said arrives before the reset
        reset(writer)

    listener = await listen(behave)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 broke: Connection reset by peer"):
        await send(listener.url, method)


async def test_it_takes_a_whole_answer_whatever_becomes_of_the_connection(
    listen, reset, send: Send
) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(b"Connection: close\r\n", b"ok"))
        reset(writer)

    listener = await listen(behave)
    for _ in range(20):
        assert (await send(listener.url, "POST")).data == "ok"


async def test_it_says_unreachable_when_the_connection_closes_without_an_answer(
    listen, send: Send
) -> None:
    listener = await listen(says(b""))
    with pytest.raises(Unreachable, match="without an answer"):
        await send(listener.url, "POST", body=b"x")
    assert listener.connections == 1


async def test_it_says_unreachable_when_nothing_listens(unused_port: int, send: Send) -> None:
    with pytest.raises(Unreachable, match=r"^No connection to 127\.0\.0\.1: Connection refused"):
        await send(f"http://127.0.0.1:{unused_port}/")


async def test_it_says_unreachable_for_a_name_that_is_not_known(
    make_client, send: Send, names
) -> None:
    class Nowhere(names):
        async def resolve(self, *args: object, **kwargs: object):
            raise OSError(None, "no such name")

    with pytest.raises(Unreachable, match=r"^The name nowhere\.example could not be looked up"):
        await send("http://nowhere.example/", by=make_client(resolver=Nowhere()))


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, and say nothing."""


def drips(start: bytes):
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start)
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    return behave


@pytest.mark.parametrize(
    "behaviour",
    [
        hang,
        drips(b"HTTP/1.1 200 "),
        drips(HEAD + b"X-Slow: "),
        drips(HEAD + b"\r\n"),
        drips(HEAD + b"Content-Length: 1000000\r\n\r\n"),
        drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n100000\r\n"),
        says(HEAD + b"Content-Length: 10\r\n\r\nabc", then_close=False),
    ],
)
async def test_it_bounds_the_whole_answer_by_the_read_timeout(
    behaviour, listen, send: Send
) -> None:
    listener = await listen(behaviour)
    with pytest.raises(TimedOut) as failure:
        await send(listener.url, read=0.3)
    assert str(failure.value) == "127.0.0.1 did not finish its answer within 0.3 s."
    assert 290 <= failure.value.ms < 1500
    await listener.all_gone()


async def test_it_starts_the_read_timeout_once_though_aiohttp_connects_twice(
    listen, send: Send
) -> None:
    connections = 0

    async def drop_the_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            await asyncio.sleep(0.4)
            writer.close()

    listener = await listen(drop_the_first)
    with pytest.raises(TimedOut) as failure:
        await send(listener.url, read=0.5)
    assert connections == 2
    assert failure.value.ms < 850


async def test_it_bounds_an_endless_row_of_interim_answers(listen, send: Send) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    listener = await listen(behave)
    with pytest.raises(TimedOut):
        await send(listener.url, read=0.2)
    await listener.all_gone()


async def test_it_bounds_the_wait_for_a_connection_by_the_connect_timeout(
    listen, send: Send
) -> None:
    # A TLS handshake that never comes: TCP stands, the connection does not.
    listener = await listen(hang)
    with pytest.raises(TimedOut) as failure:
        await send(f"https://127.0.0.1:{listener.port}/", connect=0.2)
    assert str(failure.value) == "127.0.0.1: no connection within 0.2 s."
    await listener.all_gone()


async def test_it_bounds_the_wait_for_a_place_in_the_pool_by_the_connect_timeout(
    listen, make_client, send: Send
) -> None:
    connected = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()

    listener = await listen(behave)
    client = make_client(max_connections=1)
    first = asyncio.create_task(send(listener.url, read=0.5, by=client))
    await connected.wait()
    with pytest.raises(TimedOut, match="no connection within"):
        await send(listener.url, connect=0.1, by=client)
    with pytest.raises(TimedOut, match="did not finish"):
        await first


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzipped(b"hello")),
        (b"GZIP", gzipped(b"hello")),
        (b"x-gzip", gzipped(b"hello")),
        (b"gzip", gzipped(b"hel") + gzipped(b"lo")),
        (b"deflate", zlib.compress(b"hello")),
        (b"deflate", bare_deflate(b"hello")),
        (b"identity", b"hello"),
    ],
)
async def test_it_undoes_the_codings_that_it_offers(
    coding: bytes, body: bytes, listen, send: Send
) -> None:
    listener = await listen(whole(b"Content-Encoding: " + coding + b"\r\n", body))
    assert (await send(listener.url)).data == "hello"


@pytest.mark.parametrize("size", [2**16 - 1, 2**16, 2**16 + 1, 2**18, 1_000_000])
@pytest.mark.parametrize("compress", [gzipped, zlib.compress, bare_deflate])
async def test_it_loses_no_byte_between_the_steps(
    compress: Callable[[bytes], bytes], size: int, listen, send: Send
) -> None:
    coding = b"gzip" if compress is gzipped else b"deflate"
    listener = await listen(whole(b"Content-Encoding: " + coding + b"\r\n", compress(b"a" * size)))
    assert (await send(listener.url)).data == "a" * size


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"br", b"\x0b\x02\x80hello\x03"),
        (b"zstd", b"\x28\xb5\x2f\xfd"),
        (b"compress", b"\x1f\x9d"),
        (b"gzip, gzip", gzipped(gzipped(b"hello"))),
        (b"gzip\r\nContent-Encoding: gzip", gzipped(gzipped(b"hello"))),
        (b"deflate, gzip", gzipped(zlib.compress(b"hello"))),
        (b"identity, gzip", gzipped(b"hello")),
    ],
)
async def test_it_refuses_codings_that_it_does_not_offer_and_nested_ones(
    coding: bytes, body: bytes, listen, send: Send
) -> None:
    listener = await listen(whole(b"Content-Encoding: " + coding + b"\r\n", body))
    with pytest.raises(Unusable, match="content encoding"):
        await send(listener.url)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", b"hello"),
        (b"gzip", gzipped(b"hello" * 100)[:-12]),
        (b"gzip", gzipped(b"hello")[:-1]),
        (b"gzip", gzipped(b"hello")[:4]),
        (b"gzip", gzipped(b"hello")[:-8] + b"\x00" * 8),
        (b"gzip", gzipped(b"hello") + b"garbage"),
        (b"gzip", gzipped(b"") * 1001),
        (b"deflate", zlib.compress(b"hello")[:-1]),
        (b"deflate", zlib.compress(b"hello") + zlib.compress(b"hello")),
        (b"deflate", bare_deflate(b"hello" * 100)[:-3]),
    ],
)
async def test_it_takes_no_compressed_body_that_is_damaged_or_cut_off(
    coding: bytes, body: bytes, listen, send: Send
) -> None:
    listener = await listen(whole(b"Content-Encoding: " + coding + b"\r\n", body))
    with pytest.raises(Unusable, match=r"is not|cut off"):
        await send(listener.url)
