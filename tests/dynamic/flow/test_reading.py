"""What an expression reads: surely from the scope, or it is not said."""

import pytest

from dynamic.flow.expressions import ExpressionInvalid, compile_template
from dynamic.flow.reading import FUNCTION_NAMES, Read, Unbound, read
from tests.dynamic.flow.test_expressions import ENGINES


def names(text):
    return [".".join((each.name, *each.fields)) for each in read(text).names]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("payload.x", ["payload.x"]),
        ("steps.order.data.lines[0].sku[]", ["steps.order.data.lines.sku"]),
        ("payload.lines^(>price)[0].sku", ["payload.lines.sku"]),
        ("$sum(lines.(price * quantity)) > most", ["lines", "most"]),
        ("lines[sku = $$.wanted.sku].free", ["lines.free", "wanted.sku"]),
        ("lines.{'a': sku, 'b': $$.limit}", ["lines", "limit"]),
        ("lines{sku: $count($)}", ["lines"]),
        ("{'a': b, c: d}", ["b", "c", "d"]),
        ("[a, b..c].d", ["a", "b", "c"]),
        ("$.a + -b", ["a", "b"]),
        ("$map(lines, function($l) { $l.price * rate })", ["lines", "rate"]),
        ("lines.$map(sizes, function($s) { rate })", ["lines"]),
        ("($x := a; lines.($y := b; $x + $y))", ["a", "lines"]),
        ("a ?: b ?? c ? d : e", ["a", "b", "c", "d", "e"]),
        ("`the name`.`a b`.'c'", ["the name.a b.c"]),
        ("steps@$s.order", ["steps"]),
        ("lines#$i.{'n': $i}", ["lines"]),
        ("lines.*.sku", ["lines"]),
        ("**.sku", []),
        ("payload ~> |lines|{'a': b}|", ["payload"]),
        ("$f(?, a) and $match(b, /[a/]+c/)", ["a", "b"]),
        ("foo(a) + b.bar(c)", ["foo", "a", "b"]),
        ("/* a.b */ c /* d */", ["c"]),
        ("a b", []),
        ("a /* open", []),
    ],
)
def test_it_finds_the_names_of_the_scope(text, found):
    assert names(text) == found


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$map([1, 2], function($x) { r * $x })", [3, 6]),
        ("list ~> $map(function($x) { r })", [3, 3]),
        ("list.(r)", 10),
        ("list[r = 10].n", 1),
        ("(list.{'n': n, 'r': $$.r})[0]", {"n": 1, "r": 3}),
        ("(list; $.r)", 3),
        ("($f := function() { r }; list.$f())", [3, 3]),
    ],
)
def test_it_sees_names_where_the_engines_do(engine, text, value):
    """The rules above are those of the engines: `r` is 3 in the scope and 10 in an item."""
    scope = {"r": 3, "list": [{"n": 1, "r": 10}, {"n": 2}]}
    assert compile_template(f"{{{{ {text} }}}}", engine).evaluate(scope) == value


def test_it_tells_the_columns():
    reading = read("$lengh(payload.a) + `b`.c & $$.d")
    assert reading.names == (Read("payload", ("a",), 8), Read("b", ("c",), 21), Read("d", (), 32))
    assert reading.unbound == (Unbound("lengh", 1, True),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$fromMilis(1)", ["fromMilis"]),
        ("$map(a, $uppercas)", ["uppercas"]),
        ("$parseCsv(a) ~> $count", []),
        ("function($x) { $x + $y }(1)", ["y"]),
        ("($f := function($n) { $f($n - 1) }; $f(3))", []),
        ("a@$x#$i[$x.b = $i]", []),
        ("$ & $$ & %", []),
    ],
)
def test_it_finds_what_nothing_in_the_expression_sets(text, found):
    assert [each.name for each in read(text).unbound] == found


def test_it_knows_the_functions_of_every_engine():
    beside = {"jsonatapy": {"clone", "eval"}, "jsonata-python": {"eval"}}
    for name, engine in ENGINES.items():
        for function in FUNCTION_NAMES - beside[name]:
            template = compile_template(f"{{{{ $type(${function}) }}}}", engine)
            assert template.evaluate({}) == "function", function


def test_it_is_quick_where_parts_are_nested_and_repeated():
    # Each `?:` has its first part twice in the parser's next stage: 2^200 parts of them.
    assert names("(" * 100 + "a" + " ?: b)" * 100) == ["a"] + ["b"] * 100
    assert len(names("a" + " & a" * 2000)) == 2001
    assert read("(" * 4000 + "a" + ")" * 4000).unbound == ()  # as deep as it gets


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{{ a + }}", "The expression at column 1 does not parse: Unexpected end of expression"),
        ("to {{ a b }}", "at column 4 does not parse: Syntax error: b (column 9)."),
        ("{{ a == 1 }}", "(column 7). JSONata has “=” for “==”."),
        ("{{ a && b }}", "(column 7). JSONata has “and” for “&&”."),
        ("{{ not a }}", "(column 8). JSONata has “$not(…)” for “not”."),
        ("{{ !a }}", "Unknown operator: !. JSONata has “$not(…)” for “!”."),
        ("{{ a.map(x => x.id) }}", "JSONata has “function($item) { … }” for “=>”."),
        ("{{\n  {'a' 1}}}", "Expected :, got 1 (column 11)."),
    ],
)
def test_it_tells_where_an_expression_stops_to_parse(value, words):
    with pytest.raises(ExpressionInvalid) as caught:
        compile_template(value)
    assert words in str(caught.value)
