"""A run that takes long can be watched while it goes on."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from dynamic.models import Run
from tests.dynamic.listener.test_early_answers import held
from tests.dynamic.listener.test_lifecycle import eventually

__all__ = ["held"]

FLOW = """
version: 1
steps:
  - set: {a: "{{ payload.secret_word }}"}
  - for: line
    in: "{{ [1..3] }}"
    do:
      - if: "{{ line = 2 }}"
        then: [{call: wait, api: slow/held}]
    collect: "{{ line }}"
    as: lines
  - return: {body: "{{ lines }}"}
"""


@pytest.fixture
def pipe(scene, held):
    slow = scene.workshop.system("slow")
    scene.workshop.call(slow, "held", "/held", method="POST")
    return scene.workshop.pipe(FLOW, redact_names=["secret_word"])


@pytest.fixture
def two(scene, pipe):
    """A read and a write, called in the background."""

    def call(method):
        headers = [("Content-Type", "application/json")]
        body = b"" if method == "GET" else b'{"secret_word": "canary-7"}'
        return scene.call(pipe, method, "secret_word=canary-7", headers, body)

    with ThreadPoolExecutor(2) as threads:
        yield [threads.submit(call, method) for method in ("GET", "POST")]


def test_it_shows_the_steps_so_far_and_then_the_end(held, pipe, two):
    runs = Run.objects.filter(pipe=pipe)
    try:
        assert eventually(lambda: sum(bool(run.trace) for run in runs.all()) == 2)
        for run in runs.all():
            assert (run.status, run.http_status) == ("running", None)
            first, loop = run.trace
            assert first["ms"] >= 0
            assert (loop["count"], loop["done"], "ms" in loop) == (3, 1, False)
            branch = loop["items"][1]["steps"][0]
            assert (branch["taken"], "ms" in branch) == ("then", False)
            assert "canary-7" not in json.dumps([run.trace, run.input])
    finally:
        held.let_go.set()
    replies = [answer.result() for answer in two]
    assert [reply.json for reply in replies] == [[1, 2, 3]] * 2
    assert eventually(lambda: runs.filter(status="success").count() == 2)
    assert {reply.headers["run-id"] for reply in replies} == {run.pk for run in runs.all()}
    for run in runs.all():
        assert [step["kind"] for step in run.trace] == ["set", "for", "return"]
        assert "done" not in run.trace[1]
