"""The listener's two doors, spoken to in one way: over a socket to uvicorn, or through Django."""

import http.client
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client

PREFIX = "/v1/dynamic/listener/"


@dataclass
class Reply:
    status: int
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class AsgiDoor:
    """A real uvicorn process on the tests' own database."""

    name = "asgi"

    def __init__(self, log: Path, **more: str):
        self.log = log
        with log.open("w") as stream:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", "integrator.asgi:application"),
                    *("--host", "127.0.0.1", "--port", "0", "--no-access-log"),
                    "--no-proxy-headers",
                ],
                env={**os.environ, **environment(), **more},
                cwd=settings.BASE_DIR,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        self.port = self._wait_for_port()

    def _wait_for_port(self):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            match = re.search(r"running on http://127\.0\.0\.1:(\d+)", self.log.read_text())
            if match:
                return int(match[1])
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"uvicorn did not start:\n{self.log.read_text()}")

    def close(self):
        self._process.terminate()
        self._process.wait(30)

    def kill(self):
        self._process.kill()
        self._process.wait(30)

    def request(self, method, target, headers=(), body=b"", source="127.0.0.1") -> Reply:
        conversation = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30, source_address=(source, 0)
        )
        try:
            conversation.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                conversation.putheader(name, value)
            if body:
                conversation.putheader("Content-Length", str(len(body)))
            conversation.endheaders(body or None)
            response = conversation.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, names, response.read())
        finally:
            conversation.close()


class DjangoDoor:
    """The view, through Django's whole stack. Headers arrive as a WSGI server passes them."""

    name = "django"

    def request(self, method, target, headers=(), body=b"", source="127.0.0.1") -> Reply:
        merged: dict = {}
        for name, value in headers:
            # A WSGI environment has one place a name, and drops names with underscores.
            if "_" not in name:
                text = value.decode("latin-1") if isinstance(value, bytes) else value
                merged[name.lower()] = (
                    f"{merged[name.lower()]},{text}" if (name.lower() in merged) else text
                )
        content_type = merged.pop("content-type", "")
        path, _, query = target.partition("?")
        response = Client().generic(
            method,
            path,
            body,
            content_type,
            headers=merged,
            QUERY_STRING=query,
            REMOTE_ADDR=source,
        )
        names = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, names, response.content)


def environment():
    """What makes another process use the tests' data folder and database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        kept = connection.settings_dict
        url = f"postgres://{kept['USER']}:{kept['PASSWORD']}@{kept['HOST']}:{kept['PORT']}/{name}"
    return {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "integrator.settings"}
