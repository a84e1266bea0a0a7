"""From nothing to an answer: the commands a newcomer runs, in a data folder of their own."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]


def environment(data, port):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("INTEGRATOR_")}
    kept.pop("DATABASE_URL", None)
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"INTEGRATOR_DATA": str(data), "PORT": str(port)}


def quickstart(data, port, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", "quickstart", "--no-serve", "--json", *arguments],
        cwd=BASE,
        env=environment(data, port),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(data, port):
    return json.loads(quickstart(data, port).stdout)


@pytest.fixture(scope="module")
def server(first, data, port):
    log = data / "server.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart"],
            cwd=BASE,
            env=environment(data, port),
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    until = time.monotonic() + 60
    while "running on" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until
        time.sleep(0.1)
    yield log
    process.terminate()
    assert process.wait(30) in (0, -15)


def fetch(url, body=None, **headers):
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_it_prints_one_json_object(first, port):
    assert first.keys() == {"url", "email", "password", "access_token", "jwt", "pipe_url"}
    assert first["url"] == f"http://127.0.0.1:{port}"
    assert len(first["access_token"]) == 64
    assert first["jwt"].count(".") == 2


def test_it_keeps_everything_the_second_time(first, data, port):
    again = json.loads(quickstart(data, port).stdout)
    assert again == first | {"password": None, "access_token": None, "jwt": None}


def test_it_makes_other_keys_when_asked(first, data, port):
    again = json.loads(quickstart(data, port, "--new-keys").stdout)
    assert again["access_token"] not in (None, first["access_token"])
    assert again["pipe_url"] == first["pipe_url"]


def test_it_answers_through_key_pipe_flow_and_two_systems(first, server):
    for secret in (first["access_token"], first["jwt"]):
        status, body = fetch(
            first["pipe_url"],
            b'{"order_id": 1001}',
            **{"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
        )
        assert status == 200, body
        answer = json.loads(body)
        assert answer["customer"] == "Ada Lovelace"
        assert [(line["sku"], line["free"], line["enough"]) for line in answer["lines"]] == [
            ("LAMP-01", 40, True),
            ("CHAIR-07", 3, True),
        ]


def test_it_keeps_a_list_of_one_a_list(first, server):
    status, body = fetch(f"{first['pipe_url']}?order_id=1002&access_token={first['access_token']}")
    assert status == 200, body
    assert json.loads(body)["lines"] == [
        {"sku": "DESK-03", "name": "Standing desk", "quantity": 1, "free": 0, "enough": False}
    ]


def test_it_says_which_upstream_failed(first, server):
    status, body = fetch(f"{first['pipe_url']}?order_id=9&access_token={first['access_token']}")
    assert (status, json.loads(body)["code"]) == (502, "upstream_failed")


def test_it_serves_pages_with_their_style(first, server):
    status, page = fetch(f"{first['url']}/account/sign-in/")
    assert status == 200
    style = re.search(rb'href="(/static/integrator[^"]+\.css)"', page)[1].decode()
    assert fetch(first["url"] + style)[0] == 200


def test_it_guards_the_demo_systems(first, server):
    assert fetch(f"{first['url']}/demo/shop/orders/1001")[0] == 401
    assert fetch(f"{first['url']}/demo/warehouse/stock?sku=A")[0] == 401


def test_it_logs_no_credential(first, server):
    fetch(f"{first['url']}/nowhere?access_token={first['access_token']}")
    log = server.read_text()
    assert first["access_token"][14:] not in log
    assert first["jwt"].split(".")[2] not in log
