"""`manage.py pipes list|call|export`."""

import asyncio
import io
import json
import os
import subprocess
import sys

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from drf_spectacular.validation import validate_schema

from apikeys.models import KeyUse
from dynamic.bundle import export_bundle, import_bundle
from dynamic.listener.runtime import Runtime
from dynamic.models import Run
from dynamic.systems.archiving import archive
from tests.doors import environment
from tests.dynamic.archive import RUNS, flow_of, pipe_of
from tests.upstream import SHOP_KEY

ECHO = """
version: 1
steps:
  - return:
      status: 201
      headers: {X-Kind: test}
      body: {payload: "{{ payload }}", query: "{{ query }}", method: "{{ method }}",
             kind: "{{ headers.`x-kind` }}"}
"""
SOLD_OUT = "version: 1\nsteps:\n  - fail: {status: 409, message: Sold out}\n"
ORDER = """
version: 1
steps:
  - {call: order, api: shop/get-order, with: {id: "{{ payload.id }}"}}
  - return: {body: "{{ steps.order.data.customer }}"}
"""


@pytest.fixture
def pipes(monkeypatch):
    """`pipes("list", …)`: what is printed, what went wrong, and the exit code."""
    monkeypatch.delenv("INTEGRATOR_TOKEN", raising=False)

    def run(*words, key=None):
        if key:
            monkeypatch.setenv("INTEGRATOR_TOKEN", key)
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("pipes", *words, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), err.getvalue() + str(error), error.returncode
        return out.getvalue(), err.getvalue(), 0

    return run


class TestList:
    def test_it_lists_them(self, pipes, alice, bob):
        shop, kiosk = pipe_of(flow_of(alice)), pipe_of(flow_of(bob), "Kiosk", enabled=False)
        archive(gone := pipe_of(shop.flow, "Gone"))
        out, _, code = pipes("list")
        assert code == 0
        assert [line.split()[:2] for line in out.splitlines()] == [
            ["id", "state"],
            [kiosk.pk, "off"],
            [shop.pk, "on"],
        ]
        (row,) = json.loads(pipes("list", "--owner", "alice@example.com", "--json")[0])["pipes"]
        assert row == {
            "id": shop.pk,
            "name": "Web shop",
            "owner": "alice@example.com",
            "flow": "stock",
            "version": 1,
            "pinned": False,
            "state": "on",
            "methods": ["GET", "POST"],
            "url": shop.url,
        }
        (row,) = json.loads(pipes("list", "--archived", "--json")[0])["pipes"]
        assert (row["id"], row["state"]) == (gone.pk, "archived")

    def test_it_knows_no_account_of_that_address(self, pipes, db):
        out, err, code = pipes("list", "--owner", "nobody@example.com")
        assert (out, err, code) == ("", "There is no account nobody@example.com.", 1)

    def test_it_says_that_there_is_none(self, pipes, db):
        assert pipes("list")[0] == "No pipes.\n"
        assert json.loads(pipes("list", "--json")[0]) == {"pipes": []}


class TestCall:
    @pytest.fixture
    def key(self, workshop):
        return workshop.key()[1]

    def test_it_sends_all_of_it_and_records_the_run(self, pipes, workshop, key):
        pipe = workshop.pipe(ECHO, methods=["POST", "PUT"])
        given = ["--method", "PUT", "--query", "sku=A=1", "--query", "sku=B", "--header"]
        given += ["X-Kind: wine & more", "--body", '{"count": 2}']
        out, err, code = pipes("call", pipe.pk, *given, key=key)
        assert json.loads(out) == {
            "payload": {"count": 2},
            "query": {"sku": ["A=1", "B"]},
            "method": "PUT",
            "kind": "wine & more",
        }
        run = Run.objects.get()
        assert code == 0
        assert f"HTTP 201\nRun-Id: {run.pk}\nRun-Status: success\n" in err
        assert (run.address, run.method, run.status) == ("127.0.0.1", "PUT", "success")
        assert KeyUse.objects.get().count == 1
        assert key not in json.dumps([run.input, run.answer])

    def test_it_prints_one_object(self, pipes, workshop, key):
        pipe = workshop.pipe(ECHO)
        out, err, code = pipes(
            "call", pipe.pk, "--method", "GET", "--query", "a=1", "--json", key=key
        )
        told = json.loads(out)
        assert (told["status"], told["headers"]["X-Kind"]) == (201, "test")
        assert told["headers"]["Run-Status"] == "success"
        assert told["body"]["payload"] == {"a": "1"}
        assert (err, code) == ("", 0)

    def test_it_sends_the_bytes_that_it_was_given(self, pipes, workshop, key):
        pipe = workshop.pipe(ECHO)
        latin = os.fsdecode(b'"\xe4"')
        _, err, code = pipes("call", pipe.pk, "--body", latin, key=key)
        assert (code, "The answer is 400" in err) == (1, True)

    def test_it_takes_the_body_from_a_file_and_from_what_is_piped_in(
        self, pipes, workshop, key, tmp_path, monkeypatch
    ):
        pipe = workshop.pipe(ECHO)
        file = tmp_path / "body.json"
        file.write_text('{"from": "file"}')
        out, _, _ = pipes("call", pipe.pk, "--body", f"@{file}", key=key)
        assert json.loads(out)["payload"] == {"from": "file"}
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"from": "pipe"}')))
        assert json.loads(pipes("call", pipe.pk, "--body", "-")[0])["payload"] == {"from": "pipe"}
        _, err, code = pipes("call", pipe.pk, "--body", "@/nowhere/at/all")
        assert (code, "cannot be read" in err) == (1, True)

    def test_it_ends_with_1_where_the_answer_is_no_success(self, pipes, workshop, key):
        pipe = workshop.pipe(SOLD_OUT)
        out, err, code = pipes("call", pipe.pk, key=key)
        assert (json.loads(out)["detail"], code) == ("Sold out", 1)
        assert err.endswith("The answer is 409: Sold out")
        assert Run.objects.get().status == "failed"

    def test_it_asks_the_key_and_the_pipe_as_the_listener_does(self, pipes, workshop, key):
        pipe = workshop.pipe(ECHO, body_limit=3)
        assert "The answer is 401" in pipes("call", pipe.pk, key="dik_wrong")[1]
        assert "There is no such pipe" in pipes("call", "0" * 24, key=key)[1]
        assert "takes GET, HEAD, POST" in pipes("call", pipe.pk, "--method", "PUT")[1]
        assert "larger than 3 bytes" in pipes("call", pipe.pk, "--body", "[1,2]")[1]
        archive(pipe)
        assert "The answer is 400: This pipe is archived" in pipes("call", pipe.pk)[1]
        assert not Run.objects.exists()

    def test_it_does_not_wait_where_it_is_told_so(self, pipes, workshop, key):
        pipe = workshop.pipe(ECHO)
        out, err, code = pipes("call", pipe.pk, "--header", "Prefer: respond-async", key=key)
        run = Run.objects.get()
        assert (json.loads(out)["run"], code) == (run.pk, 0)
        assert f"Location: /v1/dynamic/runs/{run.pk}" in err

    def test_it_wants_the_key_in_the_environment(self, pipes, workshop, key):
        pipe = workshop.pipe(ECHO)
        _, err, code = pipes("call", pipe.pk)
        assert (code, "environment variable INTEGRATOR_TOKEN" in err) == (2, True)

    @pytest.mark.parametrize(
        "given",
        [
            ["--header", "Authorization: Bearer {}"],
            ["--header", "access_token: {}"],
            ["--header", "X-Key: {}"],
            ["--query", "access_token={}"],
            ["--query", "key={}"],
        ],
    )
    def test_it_takes_no_key_on_the_command_line(self, pipes, workshop, key, given):
        words = [word.format(key) for word in given]
        out, err, code = pipes("call", workshop.pipe(ECHO).pk, *words, key=key)
        assert (out, code) == ("", 2)
        assert "A secret does not belong on a command line" in err
        assert key not in err

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            (["--query", "a"], "--query: write NAME=VALUE, not “a”"),
            (["--header", "X-Kind"], "--header: write NAME:VALUE, not “X-Kind”"),
            (["--header", "a b: c"], "“a b” cannot be sent so"),
            (["--header", "X: a\nY: b"], "“x” cannot be sent so"),
            (["--method", "GET", "--body", "{}"], "A GET has no body"),
        ],
    )
    def test_it_says_what_is_wrong_with_the_words(self, pipes, workshop, key, given, sentence):
        _, err, code = pipes("call", workshop.pipe(ECHO).pk, *given, key=key)
        assert (code, sentence in err) == (2, True)

    def test_it_is_a_program_like_others(self, workshop, key):
        """Its output can be piped, and nothing but its exit code need be looked at."""

        def call(pipe, *words):
            return subprocess.run(
                [sys.executable, "manage.py", "pipes", "call", pipe.pk, *words],
                env={**os.environ, **environment(), "INTEGRATOR_TOKEN": key},
                cwd=settings.BASE_DIR,
                input='{"id": 7}',
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        done = call(workshop.pipe(ECHO), "--body", "-")
        assert (done.returncode, json.loads(done.stdout)["payload"]) == (0, {"id": 7})
        assert done.stderr.startswith("HTTP 201\nRun-Id: ")
        failed = call(workshop.pipe(SOLD_OUT, "Sold out"), "--json")
        assert (failed.returncode, json.loads(failed.stdout)["status"]) == (1, 409)
        assert failed.stderr == "CommandError: The answer is 409: Sold out\n"
        assert sorted(Run.objects.values_list("status", flat=True)) == ["failed", "success"]


def test_it_does_nothing_of_what_servers_do_beside_calls(transactional_db):
    """It would begin runs from the queue, and end before they do."""

    async def under_way():
        runtime = Runtime()
        try:
            await runtime.open_for_calls()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            return {(task.get_coro().__qualname__, task.get_name()) for task in others}
        finally:
            await runtime.close()

    tasks = asyncio.run(under_way())
    rounds = {name for coroutine, name in tasks if coroutine == "Rounds._run"}
    assert rounds == {"Long runs are not stored as they stand"}
    others = {coroutine for coroutine, _ in tasks} - {"Rounds._run"}
    assert others == {"Watch._run", "Recorder._run"}


class TestExport:
    @pytest.fixture
    def pipe(self, workshop):
        """Of a flow that runs another, which calls a system; and things that it does not need."""
        shop = workshop.system(
            "shop", "/shop", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
        )
        workshop.call(shop, "get-order", "/orders/{{ id }}")
        workshop.system("erp")
        flow_of(workshop.owner, "unused")
        flow_of(workshop.owner, "stock", ORDER)
        pipe_of(workshop.owner.flows.get(slug="unused"), "Unused", enabled=False)
        return pipe_of(flow_of(workshop.owner, "order", RUNS % "stock"))

    def test_it_prints_an_openapi_document(self, pipes, pipe):
        out, err, code = pipes("export", pipe.pk, "--format", "openapi")
        document = json.loads(out)
        validate_schema(document)
        assert (document["info"]["title"], err, code) == ("Web shop", "", 0)
        line = pipes("export", pipe.pk, "--format", "openapi", "--json")[0]
        assert (json.loads(line), line.count("\n")) == (document, 1)

    def test_it_prints_all_that_are_on(self, pipes, pipe):
        archive(pipe_of(pipe.flow, "Gone"))
        given = ["--all", "--owner", "ALICE@example.com", "--format"]
        items = json.loads(pipes("export", *given, "postman")[0])["item"]
        assert [item["name"] for item in items] == ["GET Web shop", "POST Web shop"]
        assert list(json.loads(pipes("export", *given, "openapi")[0])["paths"]) == [
            f"/v1/dynamic/listener/{pipe.pk}"
        ]

    def test_it_prints_a_bundle_of_what_a_pipe_needs(self, pipes, pipe, bob):
        bundle = pipes("export", pipe.pk, "--format", "yaml")[0]
        assert SHOP_KEY not in bundle
        done = import_bundle(bundle, bob, {"SHOP_DEFAULT_SECRET": "another"})
        assert sorted(done.created) == [
            "API call shop/get-order",
            "credential shop/default",
            "flow order",
            "flow stock",
            "pipe Web shop",
            "system shop",
        ]
        as_json = pipes("export", pipe.pk, "--format", "yaml", "--json")[0]
        assert json.loads(as_json) == yaml.safe_load(bundle)

    def test_it_prints_a_bundle_of_all(self, pipes, pipe, alice):
        out = pipes("export", "--all", "--owner", alice.email, "--format", "yaml")[0]
        assert out == export_bundle(alice)

    @pytest.mark.parametrize(
        ("given", "code", "sentence"),
        [
            ([], 2, "Give the id of a pipe, or --all"),
            (["0" * 24, "--all"], 2, "Give the id of a pipe, or --all"),
            (["--all"], 2, "--all --owner EMAIL"),
            (["0" * 24, "--owner", "alice@example.com"], 2, "Give the id"),
            (["0" * 24], 1, "There is no pipe 000000000000000000000000."),
            (["--all", "--owner", "nobody@example.com"], 1, "no account nobody@example.com"),
        ],
    )
    def test_it_says_what_is_missing(self, pipes, alice, given, code, sentence):
        out, err, returned = pipes("export", *given, "--format", "openapi")
        assert (out, returned, sentence in err) == ("", code, True)
