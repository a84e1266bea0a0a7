"""The answer's bytes: streamed, decompressed and counted, so no answer can outgrow its limit.

aiohttp could decompress by itself, but lets a gzip stream that stops in the middle pass as a
whole one. Here the codings are undone one bounded step at a time, and the end is checked.
"""

import zlib
from collections.abc import Iterator

from aiohttp import ClientPayloadError, ClientResponse, hdrs
from aiohttp.client_proto import ResponseHandler

from dynamic.flow.exchange import Unusable

ACCEPT_ENCODING = "gzip, deflate"

_STEP = 2**16  # bytes a decompressor may give at once
_MOST_MEMBERS = 1000  # of one gzip stream; each costs a copy of what follows it
_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


async def read_body(response: ClientResponse, *, limit: int, host: str) -> bytearray:
    """Read the whole body, at most `limit` bytes on the wire and after decompression.

    Raises `Unusable`: too large, a coding we did not offer, or not what the coding claims;
    aiohttp's ClientPayloadError when the body is cut off, OSError when the connection is reset.
    """
    # Kept, because a connection lets go of its protocol at the body's end.
    protocol = response.connection.protocol if response.connection else None
    try:
        body = await _read(response, limit, host)
    except ClientPayloadError:
        _raise_reset(protocol)
        raise
    if _ends_with_connection(response):
        _raise_reset(protocol)
    return body


def _raise_reset(protocol: ResponseHandler | None) -> None:
    """To aiohttp a reset ends a body without a length as well as a proper close does, and makes
    any other one merely too short; only the protocol remembers what happened.
    """
    error = protocol.exception() if protocol is not None else None
    if isinstance(error, OSError):
        raise error


def _ends_with_connection(response: ClientResponse) -> bool:
    headers = response.headers
    return hdrs.CONTENT_LENGTH not in headers and hdrs.TRANSFER_ENCODING not in headers


async def _read(response: ClientResponse, limit: int, host: str) -> bytearray:
    coding = ", ".join(response.headers.getall(hdrs.CONTENT_ENCODING, ())).strip().lower()
    inflater: _Inflater | None = None
    body = bytearray()
    received = 0
    async for chunk in response.content.iter_any():
        received += len(chunk)
        if coding not in {"", "identity"} and inflater is None:
            inflater = _Inflater(coding, response, host)
        for piece in (chunk,) if inflater is None else inflater.feed(chunk):
            body += piece
            if len(body) > limit:
                raise _too_large(response, limit, host)
        if received > limit:
            raise _too_large(response, limit, host)
    if inflater is not None:
        inflater.finish()
    return body


class _Inflater:
    """Undoes one content coding (RFC 9110 section 8.4.1)."""

    def __init__(self, coding: str, response: ClientResponse, host: str) -> None:
        self._answer = f"{host} answered {response.status} with a body"
        if coding not in _WINDOW:
            raise Unusable(
                f"{self._answer} in the content encoding {coding[:100]!r}. "
                f"Only one of gzip and deflate is understood."
            )
        self._coding = coding
        self._members = 0
        self._stream = zlib.decompressobj(_WINDOW[coding])

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what `data` holds, in pieces of at most `_STEP` bytes."""
        try:
            yield from self._inflate(data)
        except zlib.error:
            raise Unusable(f"{self._answer} that says it is {self._coding} but is not.") from None

    def finish(self) -> None:
        """Raise `Unusable` when the stream stopped before its end."""
        if not self._stream.eof:
            raise Unusable(f"{self._answer} whose {self._coding} stream is cut off.")

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        while data or len(piece) == _STEP:
            if data and (self._stream.eof or not self._members):
                self._start(data)
            piece = self._stream.decompress(data, _STEP)
            data = self._stream.unused_data or self._stream.unconsumed_tail
            if piece:
                yield piece

    def _start(self, data: bytes) -> None:
        """A fresh decompressor: a gzip stream is a series of members (RFC 1952 section 2.2)."""
        self._members += 1
        if self._members > (1 if self._coding == "deflate" else _MOST_MEMBERS):
            raise zlib.error("data after the end")
        window = _WINDOW[self._coding]
        # "deflate" means the zlib format (RFC 9110 section 8.4.1.2), whose first byte ends in
        # 8; some servers send the bare stream instead.
        if self._coding == "deflate" and data[0] & 0x0F != 8:
            window = -window
        self._stream = zlib.decompressobj(window)


def _too_large(response: ClientResponse, limit: int, host: str) -> Unusable:
    return Unusable(
        f"{host} answered {response.status} with a body of more than "
        f"{limit:,} bytes, the most that is taken."
    )
