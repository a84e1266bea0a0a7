"""Alice's pipes, one for each thing that a call can meet, and a door to call them through."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from apikeys.models import Key
from tests.doors import PREFIX, Reply
from tests.upstream import SHOP_KEY, WAREHOUSE

ECHO = """
version: 1
steps:
  - return:
      body: {payload: "{{ payload }}", query: "{{ query }}", method: "{{ method }}",
             headers: "{{ headers }}"}
"""

ORDER = """
version: 1
input: {type: object, required: [order_id]}
steps:
  - call: order
    api: shop/get-order
    with: {id: "{{ payload.order_id }}"}
  - call: stock
    api: warehouse/stock
    with: {skus: "{{ steps.order.data.lines.sku }}"}
  - return:
      body:
        order: "{{ steps.order.data.id }}"
        free: "{{ steps.stock.data.free }}"
"""

TROUBLE = """
version: 1
steps:
  - {{call: trouble, api: {api}, with: {{code: "{{{{ payload.code }}}}"}}}}
  - return: {{body: "{{{{ steps.trouble.data }}}}"}}
"""


class Pipes:
    """Alice's pipes and one of Bob's, each made, with its systems, when a test first names it."""

    def __init__(self, workshop, bob):
        self._make = workshop.pipe
        self._workshop = workshop
        self._bob = bob

    @cached_property
    def echo(self):
        everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return self._make(ECHO, "Echo", methods=everything, body_limit=4000)

    @cached_property
    def order(self):
        workshop = self._workshop
        shop = workshop.system(
            "shop", "/shop", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
        )
        workshop.call(shop, "get-order", "/orders/{{ id }}")
        warehouse = workshop.system(
            "warehouse", "/warehouse", "basic", {"username": WAREHOUSE[0], "secret": WAREHOUSE[1]}
        )
        workshop.call(warehouse, "stock", "/stock", query=[{"key": "sku", "value": "{{ skus }}"}])
        return self._make(ORDER, "Order")

    @cached_property
    def off(self):
        return self._make(ECHO, "Off", enabled=False)

    @cached_property
    def get_only(self):
        return self._make(ECHO, "GET only", methods=["GET"])

    @cached_property
    def status(self):
        return self._trouble("status", "/status/{{ code }}")

    @cached_property
    def html(self):
        return self._trouble("html", "/html")

    @cached_property
    def reset(self):
        return self._trouble("reset", "/reset")

    @cached_property
    def hang(self):
        return self._trouble("hang", "/hang", deadline=1)

    @cached_property
    def failing(self):
        return self._make(
            "version: 1\nsteps:\n  - fail: {status: 409, message: Sold out, data: {left: 0}}\n",
            "Failing",
        )

    @cached_property
    def broken(self):
        return self._make(
            'version: 1\nsteps:\n  - return: {body: "{{ $sum(payload) + 1 }}"}\n', "Broken"
        )

    @cached_property
    def returning(self):
        return self._make(
            "version: 1\nsteps:\n"
            "  - return: {status: 201, headers: {X-Kind: test, Content-Type: text/plain},"
            " body: done}\n",
            "Returning",
        )

    @cached_property
    def silent(self):
        return self._make("version: 1\nsteps:\n  - set: {a: 1}\n", "Silent")

    @cached_property
    def foreign(self):
        flow = self._bob.flows.create(slug="echo", name="Echo", draft=ECHO)
        flow.publish()
        return self._bob.pipes.create(name="Bob's", flow=flow)

    @cached_property
    def _trouble_system(self):
        return self._workshop.system("trouble")

    def _trouble(self, slug, path, **fields):
        self._workshop.call(self._trouble_system, slug, path)
        return self._make(TROUBLE.format(api=f"trouble/{slug}"), slug.capitalize(), **fields)


@dataclass
class Scene:
    """Alice's pipes and keys, Bob's pipe, and a door to call them through."""

    door: object
    workshop: object
    pipes: Pipes
    token: str
    jwt: str

    def call(self, pipe, method="GET", query="", headers=None, body=b"", token=None) -> Reply:
        """Call with Alice's access token, or with exactly the headers given."""
        if headers is None:
            headers = []
        if token is None:
            token = self.token
        if token:
            headers = [("Authorization", f"Bearer {token}"), *headers]
        return self.raw(pipe, method, query, headers, body)

    def raw(self, pipe, method="GET", query="", headers=(), body=b"", **more) -> Reply:
        """`source` among the rest is the caller's address, of 127.0.0.0/8."""
        pipe_id = getattr(pipe, "id", pipe)
        target = f"{PREFIX}{pipe_id}" + (f"?{query}" if query else "")
        return self.door.request(method, target, headers, body, **more)


def make_scene(door, workshop, bob):
    _, token = workshop.key()
    _, jwt = workshop.key("jwt")
    return Scene(door, workshop, Pipes(workshop, bob), token, jwt)


def expired(key):
    """Move a key's end into the past: made two days ago for one."""
    Key.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(days=1))
