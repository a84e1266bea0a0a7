"""Calls a second: our listener beside a bare proxy and beside our own slower door.

    .venv/bin/python bench/listener.py [--seconds 3] [--rounds 3] [--callers 16]

One upstream that answers after a millisecond, one call of it a request, cases interleaved and
medians printed. All on loopback, bounded in time. The ratios mean something, the figures do not.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from aiohttp import web

BASE = Path(__file__).resolve().parent.parent
UPSTREAM, PROXY, ASGI, WSGI = 21711, 21712, 21713, 21714

BUNDLE = """
integrator: 1
systems:
  - {slug: up, name: Upstream, base_url: "http://127.0.0.1:UPSTREAM",
     calls: [{slug: get, name: Get, path: /}]}
flows:
  - slug: flow
    name: Flow
    document: |
      version: 1
      steps:
        - {call: up, api: up/get}
        - return: {body: "{{ steps.up.data }}"}
pipes: [{name: Bench, flow: flow}]
""".replace("UPSTREAM", str(UPSTREAM))

SETUP = """
import django, json, os, sys; django.setup()
from accounts.models import User
from apikeys.models import Key
from dynamic.bundle import import_bundle
user = User.objects.create_user("bench@example.com", None)
import_bundle(sys.stdin.read(), user, {})
print(json.dumps([user.pipes.get().id, Key.objects.issue(user, "b", "access_token", 1)[1]]))
"""


async def upstream(_: web.Request) -> web.Response:
    await asyncio.sleep(0.001)
    return web.json_response({"price": 12.5, "currency": "EUR"})


def serve_upstream() -> None:
    application = web.Application()
    application.router.add_get("/", upstream)
    web.run_app(application, host="127.0.0.1", port=UPSTREAM, access_log=None, print=None)


def serve_proxy() -> None:
    async def session(application: web.Application):
        application["session"] = aiohttp.ClientSession()
        yield
        await application["session"].close()

    async def proxy(request: web.Request) -> web.Response:
        async with request.app["session"].get(f"http://127.0.0.1:{UPSTREAM}/") as answer:
            return web.Response(body=await answer.read(), content_type="application/json")

    application = web.Application()
    application.cleanup_ctx.append(session)
    application.router.add_get("/", proxy)
    web.run_app(application, host="127.0.0.1", port=PROXY, access_log=None, print=None)


async def load(url: str, headers: dict[str, str], callers: int, seconds: float) -> list[float]:
    """The milliseconds of each call that was answered 200."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    async def caller(session: aiohttp.ClientSession) -> None:
        while (begin := time.perf_counter()) < until:
            async with session.get(url, headers=headers) as answer:
                body = await answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{url}: {answer.status} {body[:200]!r}")
            times.append((time.perf_counter() - begin) * 1000)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=callers)) as session:
        await asyncio.gather(*(caller(session) for _ in range(callers)))
    return times


async def measure(cases: dict, options: argparse.Namespace) -> None:
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for url, headers in cases.values():
        await load(url, headers, options.callers, 1)  # warm up
    for _ in range(options.rounds):
        for name, (url, headers) in cases.items():
            times = sorted(await load(url, headers, options.callers, options.seconds))
            p99 = times[int(len(times) * 0.99)]
            results[name].append((len(times) / options.seconds, p99))
    base = statistics.median(rate for rate, _ in results["bare aiohttp proxy"])
    print(f"{'case':34} {'calls/s':>8} {'ratio':>6} {'p99 ms':>7}")
    for name, rounds in results.items():
        rate = statistics.median(rate for rate, _ in rounds)
        p99 = statistics.median(p99 for _, p99 in rounds)
        print(f"{name:34} {rate:8.0f} {rate / base:6.2f} {p99:7.1f}")


def wait_for(port: int) -> None:
    import socket

    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {port}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--serve", choices=["upstream", "proxy"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return {"upstream": serve_upstream, "proxy": serve_proxy}[options.serve]()
    with tempfile.TemporaryDirectory() as data:
        _run(options, data)
    return None


def _run(options: argparse.Namespace, data: str) -> None:
    sys.path.insert(0, str(BASE))
    from integrator import secretfiles

    secretfiles.make_missing(Path(data))
    env = {
        **os.environ,
        "INTEGRATOR_DATA": data,
        "INTEGRATOR_OUTBOUND_ALLOW": f"127.0.0.1:{UPSTREAM}",
        "DJANGO_SETTINGS_MODULE": "integrator.settings",
    }
    python = sys.executable
    subprocess.run([python, "manage.py", "migrate", "-v0"], cwd=BASE, env=env, check=True)
    made = subprocess.run(
        [python, "-c", SETUP],
        cwd=BASE,
        env=env,
        input=BUNDLE,
        text=True,
        capture_output=True,
        check=True,
    )
    pipe, token = json.loads(made.stdout)
    serve = [
        [python, __file__, "--serve", "upstream"],
        [python, __file__, "--serve", "proxy"],
        [
            python,
            "-m",
            "uvicorn",
            "integrator.asgi:application",
            "--port",
            str(ASGI),
            "--no-access-log",
            "--no-proxy-headers",
            "--log-level",
            "warning",
        ],
        [python, "manage.py", "runserver", f"127.0.0.1:{WSGI}", "--noreload"],
    ]
    servers = [
        subprocess.Popen(
            line, cwd=BASE, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        for line in serve
    ]
    try:
        for port in (UPSTREAM, PROXY, ASGI, WSGI):
            wait_for(port)
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/v1/dynamic/listener/{pipe}"
        cases = {
            "bare aiohttp proxy": (f"http://127.0.0.1:{PROXY}/", {}),
            "listener, ASGI door on uvicorn": (f"http://127.0.0.1:{ASGI}{path}", headers),
            "listener, Django view, runserver": (f"http://127.0.0.1:{WSGI}{path}", headers),
        }
        asyncio.run(measure(cases, options))
    finally:
        for server in servers:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
