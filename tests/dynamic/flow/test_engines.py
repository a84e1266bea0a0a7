"""The seam between expressions and the engines: what every engine does, and how one is chosen."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dynamic.flow.engines.choice import choose, chosen, engine_named
from dynamic.flow.engines.jsonata_python_engine import JsonataPythonEngine
from dynamic.flow.engines.seam import Bounds, EngineError
from dynamic.flow.expressions import compile_template
from dynamic.flow.functions.table import FUNCTIONS
from dynamic.flow.values import MISSING

BASE = Path(__file__).resolve().parents[3]
NAMES = ["jsonatapy", "jsonata-python"]
NONE = frozenset()


@pytest.fixture(params=NAMES)
def engine(request):
    return engine_named(request.param)


def run(engine, text, scope=None):
    return engine.compile(text, NONE).evaluate(scope if scope is not None else {})


class TestEveryEngine:
    @pytest.mark.parametrize("name", sorted(FUNCTIONS))
    def test_it_has_our_functions(self, engine, name):
        example = FUNCTIONS[name].example
        assert (
            compile_template(f"{{{{ {example} }}}}", engine).evaluate({}) == FUNCTIONS[name].result
        )

    @pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"uuid"}))
    def test_it_takes_nothing_for_nothing_in_our_functions(self, engine, name):
        expression = f"{{{{ ${name}(nope, 'x') }}}}"
        assert compile_template(expression, engine).evaluate({}) is MISSING

    def test_it_says_what_one_of_our_functions_said(self, engine):
        with pytest.raises(EngineError, match=r'fails: The algorithm must be one of .+, not "x"'):
            run(engine, "$hash('a', 'x')")

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("nope", MISSING),
            ("null", None),
            ("a.b", None),
            ("[]", []),
            ("{'f': $sum, 'r': /a/}", {"f": None, "r": None}),
            ("[1..3]", [1, 2, 3]),
            ("$map([1..3], function($n) { $n * 2 })", [2, 4, 6]),
            ("5.5 % 2", 1.5),
            ("1 in [true]", False),
            ("'n' & 5890840712243076", "n5890840712243076"),
            ("$sort(list, function($l, $r) { $l.q > $r.q }).id", ["b", "a", "c"]),
            ("$replace('a.b', /([a-z])/, '<$1>')", "<a>.<b>"),
            ("$map(['a', 'b'], $uppercase)", ["A", "B"]),
            ("(function($a, $b) { $a & $b })('x', 'y')", "xy"),
            ("list[q = 2].id", ["a", "c"]),
            ("list@$l.{'id': $l.id}", [{"id": "a"}, {"id": "b"}, {"id": "c"}]),
            ("list#$i.($string($i) & id)", ["0a", "1b", "2c"]),
            ("$hash(?, 'md5')('hello')", "5d41402abc4b2a76b9719d911017c592"),
        ],
    )
    def test_it_gives_plain_json_values(self, engine, text, value):
        scope = {"a": {"b": None}, "list": [{"id": i, "q": q} for i, q in ("a2", "b1", "c2")]}
        for record in scope["list"]:
            record["q"] = int(record["q"])
        result = run(engine, text, scope)
        assert result == value
        assert type(result) is type(value)

    @pytest.mark.parametrize(
        "text",
        [
            *("empty{'a': 1}", "empty{id: 1}", "$append(list, 1)", "$sort(list)", "$reverse(list)"),
            *(
                "$ ~> |$|{'new': 1}, 'list'|",
                "$merge([$, {'list': 1}])",
                "list[]",
                "$each($, $type)",
            ),
        ],
    )
    def test_it_leaves_its_data_as_they_are(self, engine, text):
        scope = {"empty": [], "list": [2, 1], "object": {"a": None}}
        run(engine, text, scope)
        assert scope == {"empty": [], "list": [2, 1], "object": {"a": None}}

    def test_it_keeps_to_the_bounds_that_it_is_given(self, engine):
        small = type(engine)(Bounds(milliseconds=5_000, depth=30, sequence=10))
        assert run(small, "[1..10]") == list(range(1, 11))
        assert run(small, "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(5))") == 5
        quick = type(engine)(Bounds(milliseconds=5))
        for bounded, text, code, words in (
            (small, "[1..11]", "D2015", "more than 10 items"),
            (small, "($f := function($n) { 1 + $f($n) }; $f(1))", "D1011", "too deeply"),
            (quick, "($f := function($n) { $f($n) }; $f(1))", "D1012", "longer than 5 ms"),
        ):
            with pytest.raises(EngineError, match=words) as caught:
                run(bounded, text)
            assert caught.value.code == code

    def test_it_evaluates_one_program_on_many_threads(self, engine):
        text = (
            "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $substring(?, 0, 3)(a) & $f(n))"
        )
        program = type(engine)(Bounds(milliseconds=5_000)).compile(text, NONE)
        with ThreadPoolExecutor(8) as pool:
            scopes = [{"a": f"abc{n}", "n": n} for n in range(20)] * 4
            assert list(pool.map(program.evaluate, scopes)) == [f"abc{n}" for n in range(20)] * 4

    def test_it_tells_the_time_of_each_evaluation(self, engine):
        program = engine.compile("$millis()", NONE)
        first = program.evaluate({})
        while (later := program.evaluate({})) == first:
            pass
        assert 0 < later - first < 60_000

    def test_it_prints_nothing(self, engine, capfd):
        for text in ("$nope(1)", "'secret'(1)", "1(2)", "$map([1], 'secret')", "/a/('b')"):
            try:
                run(engine, text)
            except EngineError:
                continue
        assert capfd.readouterr() == ("", "")


def test_it_starts_the_clock_at_each_evaluation():
    """The library in Python starts it when a frame is made, so a frame may serve but one."""
    program = JsonataPythonEngine(Bounds(milliseconds=100)).compile("1 + 1", NONE)
    ends = time.thread_time() + 0.12
    while time.thread_time() < ends:
        assert program.evaluate({}) == 2


class TestChoice:
    def test_it_is_jsonatapy_unless_said_otherwise(self):
        assert chosen().name == "jsonatapy"

    def test_it_is_used_for_what_is_compiled_from_then_on(self):
        before = chosen().engine
        try:
            choose(engine_named("jsonata-python"))
            template = compile_template(
                "{{ /(?<=a)b/('ab').match }}"
            )  # the other has no look-behind
        finally:
            choose(before)
        assert template.evaluate({}) == "b"

    def test_it_knows_no_other_name(self):
        with pytest.raises(ValueError, match="no engine 'jsonata', only jsonatapy and jsonata-pyt"):
            engine_named("jsonata")

    def test_it_says_what_to_do_where_the_library_is_missing(self, tmp_path):
        missing = tmp_path / "jsonatapy"
        missing.mkdir()
        (missing / "__init__.py").write_text("raise ImportError('no build for this platform')")
        code = "from dynamic.flow.engines.choice import engine_named; engine_named('jsonatapy')"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=BASE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(BASE)])},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "jsonatapy cannot be imported here (no build for this platform)." in done.stderr
        assert "set INTEGRATOR_JSONATA_ENGINE=jsonata-python" in done.stderr


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors cannot be chosen")
def test_it_gives_an_expression_its_time_on_a_busy_machine():
    """Some 10 ms of work, with a fifth of a processor: more than 50 ms on the clock."""
    program = engine_named("jsonatapy").compile(
        "$sum($map([1..n], function($i) { $i * 2 }))", frozenset({"sum", "map", "i"})
    )
    n, took = 1000, 0.0
    while took < 0.01:
        n *= 2
        began = time.thread_time()
        program.evaluate({"n": n})
        took = time.thread_time() - began
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})  # those that are begun now share it
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(5)]
    try:
        assert [program.evaluate({"n": n}) for _ in range(5)] == [n * (n + 1)] * 5
    finally:
        os.sched_setaffinity(0, before)
        for process in busy:
            process.kill()
            process.wait()
