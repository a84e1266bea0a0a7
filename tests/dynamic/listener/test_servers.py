"""What belongs to one kind of server: heads on the ASGI door, threads and exit under WSGI."""

import http.client
import os
import socket
import subprocess
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from dynamic.models import Run
from tests.doors import PREFIX, environment

ECHO = 'version: 1\nsteps:\n  - return: {body: "{{ payload }}"}\n'


class TestHeads:
    """Raw bytes to uvicorn: what two servers could read differently is refused."""

    def status_of(self, door, head, body=b""):
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as connection:
            connection.sendall(head + body)
            with connection.makefile("rb") as stream:
                return int(stream.readline().split()[1])

    @pytest.mark.parametrize(
        "lines",
        [
            b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            b"Content-Length: 2\r\nContent-Length: 2\r\n",
            b"Content-Length: 2\r\nContent-Length: 3\r\n",
            b"Content-Length: 2, 2\r\n",
            b"Content-Length: +2\r\n",
            b"Transfer-Encoding: xchunked\r\n",
            b"X-Folded: a\r\n b\r\nContent-Length: 2\r\n",
            b"X-Space : a\r\nContent-Length: 2\r\n",
        ],
    )
    def test_it_refuses_a_head_that_can_be_read_in_two_ways(self, asgi_door, workshop, lines):
        pipe, (_, token) = workshop.pipe(ECHO), workshop.key()
        head = f"POST {PREFIX}{pipe.id} HTTP/1.1\r\nHost: x\r\nAccess-Token: {token}\r\n".encode()
        assert self.status_of(asgi_door, head + lines + b"\r\n", b"[]") == 400
        assert not Run.objects.exists()

    @pytest.mark.parametrize(
        "lines", [b"X-Long: " + b"a" * 65_536 + b"\r\n", b"X-Many: a\r\n" * 201]
    )
    def test_it_refuses_a_head_that_is_too_large(self, asgi_door, workshop, lines):
        pipe, (_, token) = workshop.pipe(ECHO), workshop.key()
        head = f"GET {PREFIX}{pipe.id} HTTP/1.1\r\nHost: x\r\nAccess-Token: {token}\r\n".encode()
        assert self.status_of(asgi_door, head + lines + b"\r\n") == 431

    def test_it_names_the_request_even_then(self, asgi_door, workshop):
        pipe = workshop.pipe(ECHO)
        reply = asgi_door.request("GET", f"{PREFIX}{pipe.id}", [("X-Many", "a")] * 201)
        assert reply.status == 431
        assert reply.headers["request-id"] == reply.json["request_id"]


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def wsgi(django_door):
    with Threaded(("127.0.0.1", 0), Quiet) as server:
        server.set_app(get_wsgi_application())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class TestWsgi:
    def test_it_lets_slow_bodies_stop_nobody_else(self, wsgi, workshop):
        pipe, (_, token) = workshop.pipe(ECHO), workshop.key()
        head = (
            f"POST {PREFIX}{pipe.id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccess-Token: {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n["
        )
        slow = [socket.create_connection(("127.0.0.1", wsgi)) for _ in range(12)]
        try:
            for connection in slow:
                connection.sendall(head.encode())
            quick = http.client.HTTPConnection("127.0.0.1", wsgi, timeout=10)
            headers = {"Access-Token": token, "Content-Type": "application/json"}
            quick.request("POST", f"{PREFIX}{pipe.id}", b"[1]", headers)
            assert quick.getresponse().read() == b"[1]"
            quick.close()
        finally:
            for connection in slow:
                connection.close()

    def test_it_writes_what_is_queued_when_the_process_ends(self, workshop):
        pipe, (_, token) = workshop.pipe(ECHO), workshop.key()
        script = (
            "import django; django.setup()\n"
            "from django.test import Client\n"
            f"reply = Client(headers={{'Access-Token': '{token}', 'Host': '127.0.0.1'}})"
            f".get('{PREFIX}{pipe.id}')\n"
            "assert reply.status_code == 200, reply.content\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", script],
            cwd=settings.BASE_DIR,
            env={**os.environ, **environment()},
            timeout=30,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr
        assert Run.objects.count() == 1
