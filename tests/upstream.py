"""A real HTTP server on loopback for pipes to call: a shop, a warehouse, and some trouble."""

import asyncio
import base64
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests import authorization_server
from tests.authorization_server import Authorizations

SHOP_KEY = "shop-key-canary-5b1f"
WAREHOUSE = ("integrator", "warehouse-password-canary-77c2")


@dataclass
class Upstream:
    """`seen` lists (method, path with query) of every request that arrived."""

    url: str = ""
    seen: list = field(default_factory=list)
    oauth: Authorizations = field(default_factory=Authorizations)
    let_go: threading.Event = field(default_factory=threading.Event)  # what waits at /held

    def requests_to(self, path):
        return [target for _, target in self.seen if target.startswith(path)]


async def _order(request):
    if request.headers.get("X-Api-Key") != SHOP_KEY:
        return web.json_response({"error": "key"}, status=401)
    number = request.match_info["number"]
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]
    return web.json_response({"id": number, "customer": "Zoë", "lines": lines})


async def _stock(request):
    pair = base64.b64encode(":".join(WAREHOUSE).encode()).decode()
    if request.headers.get("Authorization") != f"Basic {pair}":
        return web.json_response({"error": "sign in"}, status=401)
    return web.json_response([{"sku": sku, "free": 5} for sku in request.query.getall("sku", [])])


async def _echo(request):
    return web.json_response(
        {
            "method": request.method,
            "headers": dict(request.headers),
            "query": dict(request.query),
            "body": (await request.read()).decode(),
        }
    )


async def _status(request):
    return web.json_response({"upstream": "says no"}, status=int(request.match_info["code"]))


async def _html(request):
    return web.Response(text="<h1>Bad Gateway</h1>", content_type="application/json")


async def _reset(request):
    request.transport.abort()
    return web.Response()


async def _hang(request):
    await asyncio.sleep(60)
    return web.Response()


def _held(upstream):
    async def wait(request):
        await asyncio.get_running_loop().run_in_executor(None, upstream.let_go.wait, 30)
        return web.json_response({"held": True})

    return wait


def _application(upstream):
    @web.middleware
    async def note(request, handler):
        upstream.seen.append((request.method, request.path_qs))
        return await handler(request)

    application = web.Application(middlewares=[note])
    upstream.oauth = authorization_server.add_to(application)
    application.router.add_get("/shop/orders/{number}", _order)
    application.router.add_get("/warehouse/stock", _stock)
    application.router.add_route("*", "/echo", _echo)
    application.router.add_route("*", "/status/{code}", _status)
    application.router.add_get("/html", _html)
    application.router.add_get("/reset", _reset)
    application.router.add_get("/hang", _hang)
    application.router.add_route("*", "/held", _held(upstream))
    return application


@contextmanager
def serve_application(application):
    """Run an application in a thread of its own, on a free port of loopback, and give its URL."""
    loop, ready, urls = asyncio.new_event_loop(), threading.Event(), []

    async def start():
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = site._server.sockets[0].getsockname()
        urls.append(f"http://{host}:{port}")
        return runner

    def work():
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        loop.call_soon(ready.set)  # and not before the loop runs, or its stop would come too early
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    ready.wait(10)
    yield urls[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def serve():
    """Yield a running `Upstream`; one a test process."""
    upstream = Upstream()
    with serve_application(_application(upstream)) as upstream.url:
        yield upstream
