"""How much an answer may weigh: on the wire, unpacked, and in our memory."""

import asyncio
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable

import pytest

from dynamic.flow.exchange import Response, Unusable

Send = Callable[..., Awaitable[Response]]
MEGABYTE = 2**20


def bomb(gigabytes: int) -> bytes:
    """A gzip stream of so many gigabytes of zeros, a thousandth of that in size."""
    stream = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    head = stream.compress(bytes(MEGABYTE)) + stream.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same block may follow itself: no need to compress it again.
    block = stream.compress(bytes(MEGABYTE)) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + block * (gigabytes * 1024)


@pytest.mark.parametrize("size", [999, 1000])
@pytest.mark.parametrize("compressed", [False, True])
async def test_it_takes_a_body_up_to_the_limit(
    compressed: bool, size: int, listen, make_client, send: Send
) -> None:
    listener = await listen(answer(b"a" * size, compressed=compressed))
    client = make_client(max_response_bytes=1000)
    assert len((await send(listener.url, by=client)).data) == size


@pytest.mark.parametrize("compressed", [False, True])
async def test_it_takes_no_body_beyond_the_limit(
    compressed: bool, listen, make_client, send: Send
) -> None:
    listener = await listen(answer(b"a" * 1001, compressed=compressed))
    client = make_client(max_response_bytes=1000)
    with pytest.raises(Unusable, match=r"answered 200 with a body of more than 1,000 bytes"):
        await send(listener.url, by=client)


def answer(body: bytes, *, compressed: bool) -> bytes:
    coding = b"Content-Encoding: deflate\r\n" if compressed else b""
    body = zlib.compress(body) if compressed else body
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%sContent-Length: %d\r\n\r\n"
    return head % (coding, len(body)) + body


EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"  # of deflate: unpacks to nothing, for ever


@pytest.mark.parametrize(
    ("head", "chunk"),
    [
        (b"", b"a" * 65536),
        (b"Content-Encoding: deflate\r\n", EMPTY_BLOCK * 13107),
    ],
)
async def test_it_stops_reading_at_the_limit(
    head: bytes, chunk: bytes, listen, make_client, send: Send
) -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            writer.write(chunk)
            sent += len(chunk)
            await writer.drain()

    listener = await listen(endless)
    with pytest.raises(Unusable, match="more than"):
        await send(listener.url, by=make_client(max_response_bytes=MEGABYTE))
    await listener.all_gone()
    assert sent < 32 * MEGABYTE  # the limit and what the kernel's buffers hold


async def test_it_survives_ten_megabytes_that_unpack_to_ten_gigabytes(listen, send: Send) -> None:
    body = bomb(10)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)

    async def explode(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        for start in range(0, len(body), 65536):
            writer.write(memoryview(body)[start : start + 65536])
            await writer.drain()

    listener = await listen(explode)
    tracemalloc.start()
    try:
        with pytest.raises(Unusable, match="10,485,760 bytes"):
            await send(listener.url)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    await listener.all_gone()
    assert peak < 32 * MEGABYTE
