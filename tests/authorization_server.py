"""An OAuth 2.0 authorization server and an API behind it, as part of the tests' upstream.

/oauth/authorize shows a page with Allow and Deny; /oauth/token checks client, code, redirect URI
and PKCE, as RFC 6749 and RFC 7636 want; /oauth/orders takes the newest access token only;
/oauth/talkative refuses all, and repeats their secrets.
"""

import base64
import hashlib
import html
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

CLIENT_ID, CLIENT_SECRET = "integrator-tests", "oauth-client-canary-90aa"


@dataclass
class Authorizations:
    codes: dict = field(default_factory=dict)
    refresh: str = ""
    access: str = ""
    asked: list = field(default_factory=list)  # the grant types, in order


def add_to(application):
    state = Authorizations()

    async def authorize(request):
        query = request.query
        answer = {"state": query.get("state", "")}
        code = secrets.token_urlsafe(16)
        state.codes[code] = dict(query)
        allow = f"{query['redirect_uri']}?{urlencode({**answer, 'code': code})}"
        deny = f"{query['redirect_uri']}?{urlencode({**answer, 'error': 'access_denied'})}"
        page = (
            "<!doctype html><html lang=en><meta charset=utf-8><title>Shop</title>"
            '<link rel="icon" href="data:,"><h1>Shop</h1>'
            f'<a href="{html.escape(allow)}">Allow</a> <a href="{html.escape(deny)}">Deny</a>'
        )
        return web.Response(text=page, content_type="text/html")

    async def token(request):
        form = await request.post()
        state.asked.append(form.get("grant_type"))
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return web.json_response({"error": "invalid_client"}, status=401)
        if not _granted(state, form):
            return web.json_response({"error": "invalid_grant"}, status=400)
        state.access = f"access-canary-{secrets.token_urlsafe(16)}"
        state.refresh = f"refresh-canary-{secrets.token_urlsafe(16)}"
        return web.json_response(
            {
                "access_token": state.access,
                "refresh_token": state.refresh,
                "token_type": "Bearer",
                "expires_in": 3600,
            }
        )

    async def talkative(request):
        """Refuses everybody, and repeats what it was sent."""
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        error = {"error": "invalid_client", "error_description": f"no {pair} here"}
        return web.json_response(error, status=401)

    async def orders(request):
        if request.headers.get("Authorization") != f"Bearer {state.access}" or not state.access:
            return web.json_response({"error": "token"}, status=401)
        return web.json_response({"orders": [1, 2]})

    application.router.add_get("/oauth/authorize", authorize)
    application.router.add_post("/oauth/token", token)
    application.router.add_post("/oauth/talkative", talkative)
    application.router.add_get("/oauth/orders", orders)
    return state


def _granted(state, form):
    if form.get("grant_type") == "client_credentials":
        return True
    if form.get("grant_type") == "refresh_token":
        return form.get("refresh_token") == state.refresh
    asked = state.codes.pop(form.get("code"), None)  # good once
    if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
        return False
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
