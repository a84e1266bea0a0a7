"""The Django door: the same call where no ASGI server runs (runserver, WSGI, tests).

A plain view rather than a DRF one: DRF would answer 406 or 404 for an Accept header or a
`?format=` that are the flow's business, and would read the body before the key is checked.
"""

import asyncio
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apikeys.presented import raw_headers
from apikeys.store import StoreUnreachable
from dynamic.listener import loop_thread
from dynamic.listener.answer import Answer, Refusal, refused
from dynamic.listener.handle import handle
from dynamic.listener.incoming import Call, body_too_large


@csrf_exempt  # Keys prove the caller; no cookie is looked at.
def listener(request: HttpRequest, pipe_id: str) -> HttpResponse:
    call = Call(
        method=request.method or "GET",
        pipe_id=pipe_id,
        query=request.META.get("QUERY_STRING", "").encode("latin-1", "replace"),
        headers=raw_headers(request.headers),
        address=request.META.get("REMOTE_ADDR", ""),
        read_body=partial(_read_body, request),
    )
    try:
        answer = loop_thread.current().run(partial(handle, call))
    except StoreUnreachable:
        refusal = Refusal(503, "unavailable", "Keys cannot be checked just now; try again.")
        answer = refused(refusal, request_id="")
    return _response(answer, with_body=request.method != "HEAD")


async def _read_body(request: HttpRequest, limit: int) -> bytes:
    # Reading may wait for a slow caller: on a thread, as the loop serves all callers.
    body = await asyncio.to_thread(request.read, limit + 1)
    if len(body) > limit:
        raise body_too_large(limit)
    return body


def _response(answer: Answer, *, with_body: bool) -> HttpResponse:
    response = HttpResponse(answer.body if with_body else b"", status=answer.status)
    del response["Content-Type"]
    for name, value in answer.all_headers().items():
        response[name] = value
    return response
