"""Snippets are run as they stand, against a real server."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from dynamic.describing.described import describe_one
from dynamic.describing.snippets import VARIABLE, snippets
from dynamic.models import Pipe

ECHO = """\
version: 1
input:
  type: object
  required: [name]
  properties:
    name: {type: string, examples: ["it's “$HOME” & <co>\\n"]}
    count: {type: [integer, string], examples: [3]}
    more: {type: array, items: {type: object, properties: {sold: {type: boolean}}}}
steps:
  - return: {body: {method: "{{ method }}", payload: "{{ payload }}"}}
"""
NAME = "it's “$HOME” & <co>\n"
PAYLOAD = {"name": NAME, "count": 3, "more": [{"sold": True}]}


def codes(pipe):
    return {snippet.id: snippet.code for snippet in snippets(describe_one(pipe))}


@pytest.fixture
def called(asgi_door, workshop, settings):
    """Runs the code in a process of its own; gives what it prints."""
    settings.SITE_URL = f"http://127.0.0.1:{asgi_door.port}"
    _, token = workshop.key()

    def run(command):
        environment = {**os.environ, VARIABLE: token}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    return run


def commands(code):
    """Of the languages that are here."""
    everything = {
        "curl": ["bash", "-c", f"{code['curl']} -sS"],
        "python": [sys.executable, "-c", code["python"]],
        "javascript": ["node", "--input-type=module", "-e", code["javascript"]],
        "php": ["php", "-r", code["php"].removeprefix("<?php")],
    }
    there = {name: command for name, command in everything.items() if shutil.which(command[0])}
    if "php" in there and "curl" not in subprocess.check_output(["php", "-m"], text=True).split():
        del there["php"]  # PHP comes without it
    return there


@pytest.mark.parametrize(
    ("methods", "method", "payload"),
    [
        (["GET", "POST"], "POST", PAYLOAD),
        (["GET"], "GET", {"name": NAME, "count": "3"}),
    ],
)
def test_it_calls_the_pipe(workshop, called, methods, method, payload):
    pipe = workshop.pipe(ECHO, methods=methods)
    run = commands(codes(pipe))
    assert "python" in run
    for name, command in run.items():
        result = called(command)
        assert result.returncode == 0, (name, result.stderr)
        assert json.loads(result.stdout) == {"method": method, "payload": payload}, name


def test_it_tells_of_a_refusal(workshop, called):
    pipe = workshop.pipe(ECHO)
    Pipe.objects.filter(pk=pipe.pk).update(enabled=False)
    result = called(commands(codes(pipe))["python"])
    assert result.returncode == 1
    assert "pipe_disabled" in result.stderr


def test_it_holds_no_key(workshop):
    for code in codes(workshop.pipe(ECHO)).values():
        assert VARIABLE in code
        assert "dik_" not in code
