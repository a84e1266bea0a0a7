"""Alice's pipes, one for each thing that a call can meet, and a door to call them through."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

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


@dataclass
class Scene:
    """Alice's pipes and keys, Bob's pipe, and a door to call them through."""

    door: object
    workshop: object
    pipes: SimpleNamespace
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
    shop = workshop.system("shop", "/shop", "header", auth_name="X-Api-Key", secret=SHOP_KEY)
    workshop.call(shop, "get-order", "/orders/{{ id }}")
    warehouse = workshop.system(
        "warehouse", "/warehouse", "basic", username=WAREHOUSE[0], secret=WAREHOUSE[1]
    )
    workshop.call(warehouse, "stock", "/stock", query=[{"key": "sku", "value": "{{ skus }}"}])
    trouble = workshop.system("trouble")
    for slug, path in {
        "status": "/status/{{ code }}",
        "html": "/html",
        "reset": "/reset",
        "hang": "/hang",
    }.items():
        workshop.call(trouble, slug, path)
    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    make = workshop.pipe
    pipes = SimpleNamespace(
        echo=make(ECHO, "Echo", methods=everything, body_limit=4000),
        order=make(ORDER, "Order"),
        off=make(ECHO, "Off", enabled=False),
        get_only=make(ECHO, "GET only", methods=["GET"]),
        status=make(TROUBLE.format(api="trouble/status"), "Status"),
        html=make(TROUBLE.format(api="trouble/html"), "HTML"),
        reset=make(TROUBLE.format(api="trouble/reset"), "Reset"),
        hang=make(TROUBLE.format(api="trouble/hang"), "Hang", deadline=1),
        failing=make(
            "version: 1\nsteps:\n  - fail: {status: 409, message: Sold out, data: {left: 0}}\n",
            "Failing",
        ),
        broken=make(
            'version: 1\nsteps:\n  - return: {body: "{{ $sum(payload) + 1 }}"}\n', "Broken"
        ),
        returning=make(
            "version: 1\nsteps:\n"
            "  - return: {status: 201, headers: {X-Kind: test, Content-Type: text/plain},"
            " body: done}\n",
            "Returning",
        ),
        silent=make("version: 1\nsteps:\n  - set: {a: 1}\n", "Silent"),
    )
    pipes.foreign = _foreign_pipe(bob)
    _, token = workshop.key()
    _, jwt = workshop.key("jwt")
    return Scene(door, workshop, pipes, token, jwt)


def _foreign_pipe(bob):
    flow = bob.flows.create(slug="echo", name="Echo", draft=ECHO)
    flow.publish()
    return bob.pipes.create(name="Bob's", flow=flow)


def expired(key):
    """Move a key's end into the past: made two days ago for one."""
    Key.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(days=1))
