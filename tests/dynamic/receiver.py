"""Who wants to be called back: a real HTTP server on loopback that keeps what it gets."""

import base64
import hashlib
import hmac
import json
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.upstream import serve_application


@dataclass
class Receiver:
    url: str = ""
    status: int = 204  # that it answers with
    headers: dict = field(default_factory=dict)
    got: list = field(default_factory=list)  # (path with query, headers, body)

    @property
    def values(self):
        return [json.loads(body) for _, _, body in self.got]


def is_signed(secret, headers, body):
    """Verified by what the specification says, and not by our own code."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


@contextmanager
def serve_receiver():
    receiver = Receiver()

    async def take(request):
        receiver.got.append((request.path_qs, dict(request.headers), await request.read()))
        body = b"not json" if receiver.status != 204 else None
        kind = {"Content-Type": "application/json"} if body else {}
        return web.Response(status=receiver.status, body=body, headers=kind | receiver.headers)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", take)
    with serve_application(application) as receiver.url:
        yield receiver
