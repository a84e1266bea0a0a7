"""What a failure tells: the host and the reason, never a key."""

import logging
import traceback
from collections.abc import Awaitable, Callable

import pytest

from dynamic.flow.exchange import Response, UpstreamFailed
from dynamic.outbound.auth import StaticKey

Send = Callable[..., Awaitable[Response]]


@pytest.mark.parametrize(
    "said",
    [
        b"hunter2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nhunter2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: hunter2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nhunter2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n",
        b"HTTP/1.1 200 OK\r\nX: hunter2" + b"a" * 10_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\nhunter2",
    ],
)
async def test_it_shows_no_key_in_a_failure_or_its_traceback(
    said: bytes, listen, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    listener = await listen(said)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(UpstreamFailed) as failure:
        await send(f"{listener.url}/?a=hunter2", auth=StaticKey("query", "key", "hunter2"))
    told = "".join(traceback.format_exception(failure.value)[-1:]) + str(failure.value)
    assert "hunter2" not in told
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert failure.value.ms > 0
    assert "hunter2" not in caplog.text
