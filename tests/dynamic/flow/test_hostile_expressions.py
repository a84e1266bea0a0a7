"""Expressions that want too much: they must end soon, and leave the process alive, on any engine.

What an engine would do without our bounds ranges from seconds to the abort of the process.
"""

import re
import resource
import time

import jsonatapy
import pytest

from dynamic.flow.bounds import bounded
from dynamic.flow.engines.choice import engine_named
from dynamic.flow.expressions import ExpressionFailed, ExpressionInvalid, compile_template

SCOPE = {"text": "a" * 300_000, "word": "abc", "items": ["a", "b"], "one": ["x"], "five": 5}
ENGINES = {name: engine_named(name) for name in ("jsonatapy", "jsonata-python")}
SENTENCE = r"The expression \{\{ .+ \}\} (fails: [$A-Z]|gives |makes |took |calls ).+[a-zA-Z0-9)]\."
DOUBLING = "($f := function($s, $n) { $n = 0 ? $s : $f(%s, $n - 1) }; %s)"


@pytest.fixture(params=ENGINES)
def engine(request):
    return ENGINES[request.param]


@pytest.mark.parametrize(
    "expression",
    [
        "$pad('a', 1e9)",
        "$pad('a', -1e9)",
        "items.$pad(1e9)",
        "$map(items, function($i) { $pad($i, 1e9) })",
        "($p := $pad; $p('a', 1e9))",
        "$pad(?, 1e9)('a')",
        "'a' ~> $pad(1e9)",
        "($abs := function($n) { 0 }; $pad('a', 1e9))",
        "($original := $pad; $original('a', 1e9))",
        "$replace(text, 'a', text)",
        "$replace(text, /a/, text)",
        "$replace(text, /./, '$0$0$0$0$0$0$0$0')",
        "$replace(text, /a/, function($m) { $$.text })",
        "$join([1..900].$$.text)",
        "$join([1..90000].$string(), text)",
        "$count($match(text, /a/))",
        "$match(text, /a/, 1e9)",
        "$distinct([1..99999])",
        "$formatInteger(1e15, 'I')",
        "$formatInteger(-1e15, 'i')",
        "$formatNumber(1, text)",
        "$fromMillis(1, text)",
        "$fromMillis(1, '[f,99999999]')",
        "$fromMillis(1, '[Y,*-99999999]')",
        "$toMillis('1', text)",
        "$parseInteger('1', text)",
        "[1..1e7]",
        "$count([1..1e12])",
        "[1..99999].[1..99999]",
        "$map([1..9999], function($i) { $map([1..9999], function($j) { $i * $j }) })",
        "$reduce([1..99999], function($a, $b) { $a & $$.text })",
        "$sort([1..99999], function($l, $r) { $l < $r })",
        "($f := function($n) { $f($n + 1) }; $f(0))",
        "($f := function($n) { 1 + $f($n + 1) }; $f(0))",
        DOUBLING % ("$s & $s", "$length($f('ab', 60))"),
        DOUBLING % ("$join([$s, $s])", "$length($f('ab', 60))"),
        DOUBLING % ("$append($s, $s)", "$count($f([1], 60))"),
        "$each($, function($v, $k) { $pad($k, 1e8) })",
        "$sift($, function($v) { $exists([1..1e9]) })",
        "$power(9, 1e300)",
    ],
)
def test_it_ends_what_wants_too_much(expression, engine):
    template = compile_template(f"{{{{ {expression} }}}}", engine)
    began = time.monotonic()
    with pytest.raises(ExpressionFailed) as caught:
        template.evaluate(SCOPE)
    assert time.monotonic() - began < 3  # about 0.1 s; the machine may be busy
    assert re.fullmatch(SENTENCE, str(caught.value), re.DOTALL)
    assert compile_template("{{ word }}", engine).evaluate(SCOPE) == "abc"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("($f := function($n) { 1 + $f($n + 1) }; $f(0))", "calls itself too deeply. End the"),
        ("[1..1e7]", "makes a list of more than 100,000 items. Select fewer"),
        ("$map([1..9999], function($i) { [1..9999] })", "took longer than 50 ms. Make it simpler"),
        ("$pad('a', 1e9)", "fails: $pad makes a text of more than 1048576 characters"),
        ("$formatInteger(1e15, 'I')", "fails: Roman numerals end at 100000"),
        ("$distinct([1..99999])", "fails: $distinct takes at most 2000 values"),
        ("$join([1..9].$$.text)", "fails: $join makes a text of more than 1048576 characters"),
        ("$fromMillis(1, text)", "fails: The picture is longer than 250 characters or asks for"),
    ],
)
def test_it_says_the_same_of_a_bound_on_any_engine(expression, words, engine):
    with pytest.raises(ExpressionFailed) as caught:
        compile_template(f"{{{{ {expression} }}}}", engine).evaluate(SCOPE)
    told = str(caught.value)
    assert f"}}}} {words}" in told or "}} took longer than 50 ms" in told  # on a busy machine


@pytest.mark.parametrize(
    "expression",
    [
        "$contains(text & 'c', /(a+)+b/)",
        "$match(text, /(a|aa)+b/)",
        "$replace(text & 'b', /(a|a)+$/, '')",
        "$split(text, /(a+)+b/)",
        "/(a+)+b/(text)",
        "$map([1..99999], $string)",
        "$spread([1..99999])",
        "($v := $reduce([1..40], function($x, $i) { {'a': $x, 'b': $x} }, 1); $v)",
        "($ ~> |$|{'self': $}|)",
    ],
)
def test_it_ends_what_hurts_the_engine_in_python(expression):
    template = compile_template(f"{{{{ {expression} }}}}", ENGINES["jsonata-python"])
    began = time.monotonic()
    with pytest.raises(ExpressionFailed) as caught:
        template.evaluate({"text": "a" * 5_000})
    assert time.monotonic() - began < 3
    assert re.fullmatch(SENTENCE, str(caught.value), re.DOTALL)


@pytest.mark.parametrize(
    "expression",
    [
        "$match(text & 'b', /(a+)+$/)",
        "$contains(text, /(x+x+)+y/)",
        "$match(text, /(a|aa)+b/)",
        "$replace(text, /(a*)*c/, '')",
        "$string([1..999])",
        "$formatNumber(1e300, '#,##0.00')",
        "$formatBase(1e300, 2)",
        "$substring(text, 0, 1e300)",
        "$reduce([1..500], function($a, $i) { {'a': $a} }).nope",
    ],
)
def test_it_survives_what_hurts_other_engines(expression):
    scope = {"text": "a" * 10_000}  # milliseconds when linear, years when exponential
    compile_template(f"{{{{ {expression} }}}}").evaluate(scope)


def test_it_fails_on_a_result_too_deep_for_json(engine):
    template = compile_template("{{ $reduce([1..300], function($a, $i) { {'a': $a} }) }}", engine)
    with pytest.raises(ExpressionFailed, match="JSON"):
        template.evaluate({})


def test_it_fails_on_a_result_too_large(engine):
    with pytest.raises(ExpressionFailed, match="16 MiB"):
        compile_template("{{ big }}", engine).evaluate({"big": "a" * (16 * 2**20 + 1)})
    with pytest.raises(ExpressionFailed, match="16 MiB"):
        compile_template("{{ [1..60].$$.text }}", engine).evaluate(SCOPE)


def test_it_keeps_doubled_text_within_memory(engine):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    expression = DOUBLING % ("$s & $s", "$length($f('ab', 60))")
    with pytest.raises(ExpressionFailed):
        compile_template(f"{{{{ {expression} }}}}", engine).evaluate({})
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 2 * 2**20  # KiB; 0.6 GiB where measured, bounded by the 50 ms alone


@pytest.mark.parametrize(
    "function", ["fetch", "http", "import", "require", "read", "open", "env", "sleep", "eval2"]
)
def test_it_has_no_function_that_reaches_outside(function, engine):
    with pytest.raises(ExpressionFailed, match=rf"non-function: \${function}"):
        compile_template(f"{{{{ ${function}('x') }}}}", engine).evaluate({})


@pytest.mark.parametrize(
    "expression",
    [
        "$pad(word, 5)",
        "$pad(word, -5, '#-')",
        "$pad(nope, 3)",
        "$pad(word, 'x')",
        "items.$pad(3, '#')",
        "$pad(?, 4)('x')",
        "'x' ~> $pad(4)",
        "$replace(word, 'b', 'x')",
        "$replace(word, /b/, '[$0]')",
        "$replace(word, /(b)/, '$1$1')",
        "$replace(word, /b/, function($m) { $m.match & '!' })",
        "$replace('abcb', 'b', 'x', 1)",
        "$replace('abcb', /b/, 'x', 0)",
        "$replace(nope, 'b', 'x')",
        "$replace(word, '', 'x')",
        "$replace('', 'b', 'c')",
        "items.$replace('a', 'c')",
        "$replace(word, /x*/, '-')",
        "$replace('a.b.c', '.', '')",
        "$replace('265USD', /([0-9]+)USD/, '$$$1')",
        "$replace(text, 'aaaa', '!!')",
        "$join(items)",
        "$join(items, ', ')",
        "$join('a')",
        "$join(nope, 'x')",
        "$join([])",
        "$join(one, 'x')",
        "items ~> $join('-')",
        "$match('ab', /a/)",
        "$match('aba', /a/)",
        "$match('ab', /x/)",
        "$match('aba', /a/, 1)",
        "$match(nope, /a/)",
        "$match('aba', /(a)/).groups",
        "$distinct([1, 1, 2])",
        "$distinct(1)",
        "$distinct(nope)",
        "$distinct([])",
        "$distinct([[1], [1], {'a': 1}, {'a': 1}, 2, '2', true, null])",
        "items ~> $distinct",
        "$formatInteger(1999, 'I')",
        "$formatInteger(12345678, '#,##0')",
        "$formatInteger(nope, 'w')",
        "five.$formatInteger('w')",
        "$formatNumber(1234.5, '#.##0,00', {'decimal-separator': ',', 'grouping-separator': '.'})",
        "$formatNumber(0.14, '01%')",
        "$parseInteger('twelve', 'w')",
        "$fromMillis(1510067557121)",
        "$fromMillis(1510067557121, '[M01]/[D01]/[Y0001] [h#1]:[m01][P]')",
        "$fromMillis(1510067557121, '[H01]:[m01] [z]', '-0500')",
        "$fromMillis(1510067557121, nope, '+0200')",
        "$toMillis('2017-11-07T15:12:37.121Z')",
        "$toMillis('07/11/2017', '[D01]/[M01]/[Y0001]')",
        "$toMillis(nope)",
    ],
)
def test_it_bounds_a_function_without_changing_it(expression):
    def outcome(source):
        try:
            return jsonatapy.compile(source).evaluate(SCOPE)
        except ValueError as error:
            return str(error)[:5]  # the code: the words may name another argument

    names = frozenset(re.findall(r"\$(\w+)", expression))
    assert bounded(expression, names) != expression
    assert outcome(bounded(expression, names)) == outcome(expression)

    def result(name):
        try:
            return compile_template(f"{{{{ {expression} }}}}", ENGINES[name]).evaluate(SCOPE)
        except (ExpressionFailed, ExpressionInvalid) as error:
            return type(error)

    assert result("jsonata-python") == result("jsonatapy")


def test_it_leaves_other_expressions_as_they_are():
    assert bounded("$sum(a.b)", frozenset({"sum"})) == "$sum(a.b)"
