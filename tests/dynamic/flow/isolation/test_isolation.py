"""Expressions that would hang or end a server: they end a helper, and nothing else."""

import asyncio
import contextlib
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dynamic.flow.api_call import ApiCall, Row
from dynamic.flow.engines.choice import engine_named
from dynamic.flow.engines.seam import EngineError
from dynamic.flow.expressions import MISSING, ExpressionFailed, compile_template
from dynamic.flow.isolation.engine import Isolating
from dynamic.flow.outcome import Status
from tests.dynamic.flow.test_runner import play

DOUBLED = "$reduce([1..%d], function($a, $i) { {'a': $a, 'b': $a} }, payload)"


def engine(name="jsonatapy"):
    return Isolating(engine_named(name))


def evaluate(text, scope=None, name="jsonatapy"):
    names = frozenset(re.findall(r"\$(\w+)", text))
    return engine(name).compile(text, names).evaluate(scope or {})


@pytest.mark.parametrize("name", ["jsonatapy", "jsonata-python"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b", 1),
        ("a", {"b": 1}),
        ("null", None),
        ("a.nope", MISSING),
        ("$map([1, 2], function($i) { $i * $$.a.b })", [1, 2]),
        ("'ä🔑'", "ä🔑"),
        ("`odd name`", MISSING),
        ("$count($keys($$))", 2),
    ],
)
def test_it_gives_what_the_engine_gives(name, text, value):
    assert (
        evaluate(f"($f := function() {{ {text} }}; $f())", {"a": {"b": 1}, "c": 2}, name) == value
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("($f := function() { $error('no stock') }; $f())", "no stock"),
        ("($f := function() { 1 }; $f)", "gives a function"),
        ("($f := function() { 9007199254740993 }; $f())", r"beyond 2\^53"),
        ("($f := function($n) { $f($n + 1) }; $f(0))", "deeply|50 ms"),
    ],
)
def test_it_fails_as_the_engine_fails(text, reason):
    with pytest.raises(EngineError, match=reason):
        evaluate(text)


@pytest.mark.parametrize(
    "text",
    [
        DOUBLED % 40,
        f"$string({DOUBLED % 40})",
        f"[{DOUBLED % 30}, {DOUBLED % 30}]",
    ],
)
def test_it_ends_what_is_endless_when_written_out(text):
    with pytest.raises(EngineError, match=r"processor time|of memory"):
        evaluate(text, {"payload": 1})


def test_it_does_not_try_again_at_once_what_ended_a_helper():
    text = f"/* {os.getpid()} */ {DOUBLED % 40}"
    with pytest.raises(EngineError, match=r"processor time|of memory"):
        evaluate(text, {"payload": 1})
    with pytest.raises(EngineError, match="tried again in a minute"):
        evaluate(text, {"payload": 1})
    assert evaluate("($f := function() { 1 }; $f())") == 1


def test_it_tries_an_expression_again_with_other_data():
    text = "$reduce([1..n], function($a, $i) { {'a': $a, 'b': $a} }, 1)"
    with pytest.raises(EngineError, match=r"processor time|of memory"):
        evaluate(text, {"n": 40})
    assert evaluate(text, {"n": 2}) == {"a": {"a": 1, "b": 1}, "b": {"a": 1, "b": 1}}


@pytest.mark.parametrize("depth", range(248, 260))
def test_it_fails_as_an_expression_does_where_json_cannot_hold_the_data(depth):
    value = {"a": 1}
    for _ in range(depth):
        value = {"a": value}
    with contextlib.suppress(EngineError):
        evaluate("($f := function($v) { $v }; $f(deep))", {"deep": value})
    with contextlib.suppress(EngineError):
        evaluate("($f := function($v) { [[[[[$v]]]]] }; $f(deep))", {"deep": value["a"]["a"]})
    with pytest.raises(EngineError, match="JSON cannot hold"):
        evaluate("($f := function($v) { $v }; $f(text))", {"text": "\ud800"})


def test_it_serves_many_threads_at_once():
    program = engine().compile("($f := function($i) { $i * 2 }; $f(n))", frozenset({"f", "i"}))
    with ThreadPoolExecutor(8) as threads:
        given = threads.map(lambda n: program.evaluate({"n": n}), range(200))
        assert list(given) == [2 * n for n in range(200)]


def test_it_gives_the_helper_nothing_of_the_environment(monkeypatch):
    from dynamic.flow.isolation.pool import Helper

    monkeypatch.setenv("INTEGRATOR_CANARY", "secret")
    helper = Helper()
    with open(f"/proc/{helper._process.pid}/environ", "rb") as environment:
        assert b"CANARY" not in environment.read()
    helper.close()


async def test_it_lets_other_runs_go_on_meanwhile():
    """The loop turns while the helper works: a thread that waits holds up nobody."""
    turns, ended = 0, threading.Event()

    async def turn():
        nonlocal turns
        while not ended.is_set():
            turns += 1
            await asyncio.sleep(0.001)

    turning = asyncio.create_task(turn())
    outcome = await play(f'  - set: {{a: "{{{{ {DOUBLED % 41} }}}}"}}\n', payload=1)
    ended.set()
    await turning
    assert outcome.status is Status.FLOW_ERROR
    assert "processor time" in outcome.message or "of memory" in outcome.message
    assert turns > 10


def test_it_is_how_templates_are_compiled():
    template = compile_template({"a": ["{{ ($f := λ($i) { $i }; $f(n)) }}", "{{ n }}"]})
    assert template.waits
    assert template.evaluate({"n": 1}) == {"a": [1, 1]}
    assert not compile_template({"a": "{{ n }}"}).waits
    with pytest.raises(ExpressionFailed, match=r"The expression \{\{.*(processor|memory)"):
        compile_template(f"{{{{ {DOUBLED % 42} }}}}").evaluate({"payload": 1})


def test_it_tells_of_api_calls_that_wait():
    def waits(**fields):
        return ApiCall.compile(
            name="a/b", method="GET", base_url="http://a.example", **fields
        ).waits

    risky = "{{ ($f := λ($i) { $i }; $f(n)) }}"
    assert not waits(path="{{ n }}", body_kind="json", body={"a": ["{{ n }}"]})
    assert waits(path=risky)
    assert waits(query=[Row("a", risky)])
    assert waits(headers=[Row("A", risky)])
    assert waits(body_kind="json", body={"a": [risky]})
    assert waits(body_kind="form", body=[{"key": "a", "value": risky}])
    assert waits(body_kind="xml", body=f"<a>{risky}</a>")
