"""The ASGI door: bytes to `Call`, `Answer` to bytes, with no Django request in the way.

Django's own handler costs five times what the whole call does (a thread and several tasks a
request), so calls of `/v1/dynamic/listener/<id>` never reach it; everything else does.
"""

import gc
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from apikeys.problems import new_request_id
from dynamic.listener.answer import Answer, Refusal, refused
from dynamic.listener.handle import handle
from dynamic.listener.incoming import Call, body_too_large
from dynamic.listener.runtime import Runtime

PREFIX = "/v1/dynamic/listener/"
MOST_HEADERS = 200
LARGEST_HEAD = 64 * 1024
_FRAMING = {b"content-length", b"transfer-encoding"}

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Door:
    """Wraps the site's application; opens the runtime with the server and closes it with it."""

    def __init__(self, site: Application) -> None:
        self._site = site
        self._runtime: Runtime | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._call(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._site(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._runtime is None:
            raise RuntimeError("The server must run ASGI's lifespan protocol (uvicorn does).")
        answer = _unacceptable(scope["headers"])
        if answer is None:
            call = Call(
                request_id=new_request_id(),
                method=scope["method"],
                pipe_id=scope["path"][len(PREFIX) :].removesuffix("/"),
                query=scope["query_string"],
                headers=scope["headers"],
                address=settings.PROXIES.client_address(
                    scope["client"][0] if scope.get("client") else "", scope["headers"]
                ),
                read_body=_Body(receive).read,
            )
            answer = await handle(call, self._runtime)
        await _send(answer, send, with_body=scope["method"] != "HEAD")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._runtime = Runtime()
            await self._runtime.open()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        # What start-up made lives on: keep it out of every later collection (halves the p99).
        gc.collect()
        gc.freeze()
        # A call leaves many objects until its run is written, but few cycles to look for.
        gc.set_threshold(5_000)
        # The recorder's thread works through batches; the loop must not wait 5 ms a time for it.
        sys.setswitchinterval(0.0005)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._runtime.close()
        await send({"type": "lifespan.shutdown.complete"})


def _unacceptable(headers: list[tuple[bytes, bytes]]) -> Answer | None:
    """A head that is too large, or whose body's end two servers could see differently."""
    refusal = None
    if len(headers) > MOST_HEADERS or sum(map(_size, headers)) > LARGEST_HEAD:
        detail = f"Send at most {MOST_HEADERS} headers of {LARGEST_HEAD} bytes together."
        refusal = Refusal(431, "headers_too_large", detail, {"Connection": "close"})
    elif sum(name in _FRAMING for name, _ in headers) > 1:  # RFC 9112 section 6.1
        detail = "Send Content-Length or Transfer-Encoding, once."
        refusal = Refusal(400, "invalid_request", detail, {"Connection": "close"})
    return refused(refusal, new_request_id()) if refusal else None


def _size(header: tuple[bytes, bytes]) -> int:
    return len(header[0]) + len(header[1])


class _Body:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def read(self, limit: int) -> bytes:
        chunks, size = [], 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Refusal(400, "incomplete_body", "The connection ended within the body.")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise body_too_large(limit)
            if not message.get("more_body"):
                return b"".join(chunks)


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.all_headers().items()
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
