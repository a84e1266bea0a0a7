"""The Django door: the same call where no ASGI server runs (runserver, WSGI, tests).

A plain view rather than a DRF one: DRF would answer 406 or 404 for an Accept header or a
`?format=` that are the flow's business, and would read the body before the key is checked.
"""

import asyncio
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apikeys.presented import raw_headers
from apikeys.problems import new_request_id
from apikeys.store import StoreUnreachable
from dynamic.listener import loop_thread
from dynamic.listener.answer import Answer, refused
from dynamic.listener.handle import handle, unavailable
from dynamic.listener.incoming import Call, body_too_large


@csrf_exempt  # Keys prove the caller; no cookie is looked at.
def listener(request: HttpRequest, pipe_id: str) -> HttpResponse:
    body = _Body()
    call = Call(
        request_id=new_request_id(),
        method=request.method or "GET",
        pipe_id=pipe_id,
        query=request.META.get("QUERY_STRING", "").encode("latin-1", "replace"),
        headers=raw_headers(request.headers),
        address=request.META.get("REMOTE_ADDR", ""),
        read_body=body.read,
    )
    try:
        answer = loop_thread.current().start(partial(handle, call))
    except StoreUnreachable:
        return response_of(refused(unavailable(), call.request_id), with_body=True)
    answer.add_done_callback(lambda _: body.wanted.put(None))
    body.serve(request)
    return response_of(answer.result(), with_body=request.method != "HEAD")


class _Body:
    """Reads the body on the request's own thread, which the server spends on it anyway.

    On a thread of a pool, a few callers who send slowly would stop everybody's.
    """

    def __init__(self) -> None:
        self.wanted: SimpleQueue[tuple[int, Future[bytes]] | None] = SimpleQueue()

    async def read(self, limit: int) -> bytes:
        arrived: Future[bytes] = Future()
        self.wanted.put((limit + 1, arrived))
        body = await asyncio.wrap_future(arrived)
        if len(body) > limit:
            raise body_too_large(limit)
        return body

    def serve(self, request: HttpRequest) -> None:
        """Until the call is answered: read what it asks for."""
        while (asked := self.wanted.get()) is not None:
            size, arrived = asked
            if arrived.set_running_or_notify_cancel():
                try:
                    arrived.set_result(request.read(size))
                except Exception as error:
                    arrived.set_exception(error)


def response_of(answer: Answer, *, with_body: bool) -> HttpResponse:
    response = HttpResponse(answer.body if with_body else b"", status=answer.status)
    del response["Content-Type"]
    for name, value in answer.all_headers().items():
        response[name] = value
    return response
