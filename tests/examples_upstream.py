"""The systems that the bundles of examples/ call, as one application on loopback.

Each test has its own: articles and carts change, and the first question for orders is answered 503.
"""

import base64
import hashlib
import hmac
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests import authorization_server
from tests.authorization_server import CLIENT_ID, CLIENT_SECRET
from tests.upstream import SHOP_KEY, WAREHOUSE, serve_application

SIGNING_KEY = b"demo-signing-key"  # stands in examples/signed-webhook.yaml
STOCK = {"A-1": 5, "B-2": 0, "C-3": 12}
ORDERS = {
    "": {"orders": [{"id": 1, "total": 10, "paid": True}], "next": "second"},
    "second": {"orders": [{"id": 2, "total": 20, "paid": False}], "next": "third"},
    "third": {"orders": [{"id": 3, "total": 12.5, "paid": True}], "next": None},
}
ORDER_XML = """<?xml version="1.0" encoding="UTF-8"?>
<order number="{number}">
  <customer>Zoë &amp; Co</customer>
  <line sku="A-1"><quantity>2</quantity><price currency="EUR">9.50</price></line>
</order>
"""
STOCK_CSV = 'sku;name;free\nA-1;Anvil;5\nB-2;"Bolt; long";0\nC-3;Clamp;12\n'


@dataclass
class Systems:
    """`seen` lists (method, path with query) of every request that arrived."""

    url: str = ""
    seen: list = field(default_factory=list)
    articles: dict = field(default_factory=lambda: {"A-1": {"name": "Anvil", "price": 9}})
    carts: dict = field(
        default_factory=lambda: {
            1: "2026-01-01",
            2: "2026-06-01",
            3: "2026-01-02",
            4: "2026-01-03",
        }
    )

    @property
    def environ(self):
        """What every example takes from the environment."""
        return {
            "DEMO_URL": self.url,
            "DEMO_SHOP_KEY": SHOP_KEY,
            "DEMO_WAREHOUSE_USER": WAREHOUSE[0],
            "DEMO_WAREHOUSE_PASSWORD": WAREHOUSE[1],
            "DEMO_CLIENT_ID": CLIENT_ID,
            "DEMO_CLIENT_SECRET": CLIENT_SECRET,
        }


@contextmanager
def serve_systems():
    systems = Systems()
    with serve_application(_application(systems)) as systems.url:
        yield systems


def _application(systems):
    @web.middleware
    async def note(request, handler):
        systems.seen.append((request.method, request.path_qs))
        if request.path.startswith("/shop/") and request.headers.get("X-Api-Key") != SHOP_KEY:
            return web.json_response({"error": "key"}, status=401)
        return await handler(request)

    application = web.Application(middlewares=[note])
    authorization_server.add_to(application)
    _add_orders(application, systems)
    _add_articles(application, systems)
    _add_carts(application, systems)
    application.router.add_get("/warehouse/stock/{sku}", _stock)
    application.router.add_get("/warehouse/stock.csv", _stock_list)
    application.router.add_get("/legacy/order.xml", _order_xml)
    application.router.add_post("/hooks/{receiver}", _hook)
    application.router.add_post("/signed-hook", _signed_hook)
    return application


def _add_orders(application, systems):
    async def orders(request):
        if len(systems.seen) == 1:
            return web.json_response({"error": "busy"}, status=503)
        if request.query.get("since") != "2026-01-01":
            return web.json_response({"error": "since"}, status=400)
        return web.json_response(ORDERS[request.query.get("cursor", "")])

    application.router.add_get("/shop/orders", orders)


def _add_articles(application, systems):
    async def get(request):
        sku = request.match_info["sku"]
        if sku == "broken":
            return web.json_response({"error": "database"}, status=500)
        if sku not in systems.articles:
            return web.json_response({"error": "no such article"}, status=404)
        return web.json_response({"sku": sku, **systems.articles[sku]})

    async def put(request):
        sku = request.match_info["sku"]
        systems.articles[sku] = await request.json()
        return web.json_response({"sku": sku, **systems.articles[sku]})

    async def post(request):
        article = await request.json()
        systems.articles[article["sku"]] = {name: article[name] for name in ("name", "price")}
        return web.json_response(article, status=201)

    application.router.add_get("/shop/articles/{sku}", get)
    application.router.add_put("/shop/articles/{sku}", put)
    application.router.add_post("/shop/articles", post)


def _add_carts(application, systems):
    async def carts(request):
        rows = [{"id": number, "touched": touched} for number, touched in systems.carts.items()]
        return web.json_response(rows)

    async def remove(request):
        del systems.carts[int(request.match_info["number"])]
        return web.Response(status=204)

    application.router.add_get("/shop/carts", carts)
    application.router.add_delete("/shop/carts/{number}", remove)


async def _stock(request):
    pair = base64.b64encode(":".join(WAREHOUSE).encode()).decode()
    if request.headers.get("Authorization") != f"Basic {pair}":
        return web.json_response({"error": "sign in"}, status=401)
    sku = request.match_info["sku"]
    return web.json_response({"sku": sku, "free": STOCK[sku]})


async def _stock_list(request):
    return web.Response(text=STOCK_CSV, content_type="text/csv")


async def _order_xml(request):
    text = ORDER_XML.format(number=request.query["number"])
    return web.Response(text=text, content_type="application/xml")


async def _hook(request):
    if request.match_info["receiver"] == "broken":
        return web.json_response({"error": "down"}, status=500)
    return web.json_response({"heard": (await request.json())["event"]})


async def _signed_hook(request):
    expected = hmac.new(SIGNING_KEY, await request.read(), hashlib.sha256).hexdigest()
    if request.headers.get("X-Signature") != f"sha256={expected}":
        return web.json_response({"error": "signature"}, status=401)
    body = await request.json()
    return web.json_response({"heard": body["event"], "as": request.content_type})
