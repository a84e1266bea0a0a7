"""Two systems to try pipes on: a shop that knows orders, a warehouse that knows stock.

Served under /demo/ where INTEGRATOR_DEMO is on. Each wants its credential, as real ones do; these
are no secrets: they open nothing but made-up data.
"""

import base64
import hmac

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

SHOP_KEY = "demo-shop-key"
WAREHOUSE_USER, WAREHOUSE_PASSWORD = "integrator", "demo-warehouse-password"

ORDERS = {
    "1001": {
        "id": 1001,
        "customer": "Ada Lovelace",
        "lines": [
            {"sku": "LAMP-01", "name": "Desk lamp", "quantity": 2},
            {"sku": "CHAIR-07", "name": "Office chair", "quantity": 1},
        ],
    },
    "1002": {
        "id": 1002,
        "customer": "Grace Hopper",
        "lines": [{"sku": "DESK-03", "name": "Standing desk", "quantity": 1}],
    },
}
STOCK = {"LAMP-01": 40, "CHAIR-07": 3, "DESK-03": 0}


@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    if not _same(request.headers.get("X-Api-Key", ""), SHOP_KEY):
        return JsonResponse({"error": "Send the shop's key as X-Api-Key."}, status=401)
    if number not in ORDERS:
        return JsonResponse({"error": f"There is no order {number}."}, status=404)
    return JsonResponse(ORDERS[number])


@require_GET
def stock(request: HttpRequest) -> HttpResponse:
    """`?sku=A&sku=B` -> `[{"sku": "A", "free": 40}, …]`; an unknown one is not listed."""
    pair = base64.b64encode(f"{WAREHOUSE_USER}:{WAREHOUSE_PASSWORD}".encode()).decode()
    if not _same(request.headers.get("Authorization", ""), f"Basic {pair}"):
        return JsonResponse({"error": "Sign in with HTTP Basic."}, status=401)
    known = [sku for sku in request.GET.getlist("sku") if sku in STOCK]
    return JsonResponse([{"sku": sku, "free": STOCK[sku]} for sku in known], safe=False)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
