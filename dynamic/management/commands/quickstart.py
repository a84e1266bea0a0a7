"""`manage.py quickstart`: from a fresh clone to a pipe that answers.

Secrets and demo mode come first, in `integrator.firststart`, before the settings are read.
"""

import json
import os
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from dynamic.demo.setup import Demo, make_demo

ORDER = {"order_id": 1001}


class Command(BaseCommand):
    help = "Set up a demo (idempotent) and serve it on 127.0.0.1; PORT changes the port (2020)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="set up only")
        parser.add_argument("--new-keys", action="store_true", help="make new demo keys")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        demo = make_demo(new_keys=options["new_keys"])
        if options["json"]:
            self.stdout.write(json.dumps(_facts(demo)))
        else:
            self._tell(demo)
        if not options["no_serve"]:
            self._serve()

    def _tell(self, demo: Demo) -> None:
        facts = _facts(demo)
        kept = "(kept from the first start; it cannot be shown again)"
        self.stdout.write(f"\nIntegrator  {facts['url']}\n")
        self.stdout.write(f"  sign in       {demo.email}\n")
        self.stdout.write(f"  password      {demo.password or kept}\n")
        self.stdout.write(f"  access token  {facts['access_token'] or kept}\n")
        self.stdout.write(f"  JWT           {facts['jwt'] or kept}\n")
        self.stdout.write(f"  pipe          {facts['pipe_url']}\n\n")
        if facts["access_token"]:
            self.stdout.write("Call it:\n\n")
            self.stdout.write(f"  {_curl(facts['pipe_url'], facts['access_token'])}\n\n")
        else:
            self.stdout.write("For new keys: make run ARGS=--new-keys\n\n")
        self.stdout.flush()

    def _serve(self) -> None:
        site = urlsplit(settings.SITE_URL)
        uvicorn.run(
            "integrator.asgi:application",
            host="127.0.0.1",
            port=int(os.environ.get("PORT") or site.port or 2020),
            access_log=False,  # it would write credentials that stand in the query string
            log_config=None,  # ours, which scrubs, is set up already
            proxy_headers=False,
            server_header=False,
        )


def _facts(demo: Demo) -> dict[str, str | None]:
    return {
        "url": settings.SITE_URL,
        "email": demo.email,
        "password": demo.password,
        "access_token": demo.keys["access_token"],
        "jwt": demo.keys["jwt"],
        "pipe_url": demo.pipe.url,
    }


def _curl(url: str | None, token: str) -> str:
    return (
        f"curl -H 'Authorization: Bearer {token}' "
        f"-H 'Content-Type: application/json' -d '{json.dumps(ORDER)}' {url}"
    )
