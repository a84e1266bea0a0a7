"""The receivers of docs/calling-a-pipe.md, run as they stand, take what is signed and no more."""

import http.client
import os
import re
import runpy
import shutil
import socket
import subprocess
import textwrap
import time
from pathlib import Path

import pytest

from dynamic.outbound.signing import new_secret, signed_headers
from tests.dynamic.listener.test_lifecycle import eventually

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "calling-a-pipe.md").read_text("utf-8")
SECTION = re.search(r"^## Being called back$(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)[1]
SECRET = new_secret()
BODY = '{"data": {"answer": "Größe"}}'.encode()


def code(beginning):
    """The block of the page that begins so."""
    blocks = re.findall(r"(?:^    .*\n|^\n)+", SECTION, re.MULTILINE)
    dedented = [textwrap.dedent(block).strip("\n") for block in blocks]
    return next(block for block in dedented if block.startswith(beginning))


def messages():
    """Whether each is genuine, with its headers and body."""
    now = int(time.time())
    good = signed_headers(SECRET, "run-7", now, BODY)
    yield True, good, BODY
    yield True, good | {"webhook-signature": f"v1,AAAA {good['webhook-signature']}"}, BODY
    yield False, good, BODY + b" "
    yield False, good | {"webhook-id": "run-8"}, BODY
    yield False, good | {"webhook-timestamp": str(now + 1)}, BODY
    yield False, good | {"webhook-signature": "v1,AAAA"}, BODY
    yield False, signed_headers(new_secret(), "run-7", now, BODY), BODY
    yield False, signed_headers(SECRET, "run-7", now - 900, BODY), BODY
    yield False, signed_headers(SECRET, "run-7", now + 900, BODY), BODY
    yield False, {}, BODY


def test_the_one_in_python(monkeypatch, tmp_path):
    monkeypatch.setenv("CALLBACK_SECRET", SECRET)
    (tmp_path / "receiver.py").write_text(code("import base64"))
    verify = runpy.run_path(tmp_path / "receiver.py")["is_genuine"]
    for is_genuine, headers, body in messages():
        assert verify(headers, body) is is_genuine, headers


@pytest.fixture
def php(tmp_path):
    """The port of a server that runs the page's PHP, and then tells what the answer was."""
    if shutil.which("php") is None:
        pytest.skip("there is no php here")
    (tmp_path / "index.php").write_text(code("<?php") + "\necho $run['answer'];\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["php", "-S", f"127.0.0.1:{port}", str(tmp_path / "index.php")],
        env={**os.environ, "CALLBACK_SECRET": SECRET},
        stderr=subprocess.DEVNULL,
    )
    assert eventually(lambda: _listens(port), within=10)
    yield port
    server.terminate()
    server.wait(10)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_one_in_php(php):
    for is_genuine, headers, body in messages():
        conversation = http.client.HTTPConnection("127.0.0.1", php, timeout=10)
        conversation.request("POST", "/", body, headers)
        answer = conversation.getresponse()
        assert answer.status == (200 if is_genuine else 401), headers
        assert answer.read() == ("Größe".encode() if is_genuine else b"")
        conversation.close()
