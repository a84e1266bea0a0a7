"""Golden expressions: what a template gives for a scope, exactly."""

import pytest

from dynamic.flow.engines.jsonata_python_engine import JsonataPythonEngine
from dynamic.flow.engines.jsonatapy_engine import JsonatapyEngine
from dynamic.flow.engines.seam import Bounds
from dynamic.flow.expressions import (
    MISSING,
    ExpressionFailed,
    ExpressionInvalid,
    as_text,
    compile_template,
)

SCOPE = {
    "payload": {
        "id": "A-1",
        "count": 3,
        "price": 1.5,
        "flag": False,
        "nothing": None,
        "one": [{"sku": "a", "q": 1}],
        "lines": [{"sku": "a", "q": 1}, {"sku": "b", "q": 2}, {"sku": "b", "q": 5}],
        "text": "Grüße, 😀",
        "odd name": "x",
    },
    "steps": {"order": {"data": {"lines": [1, 2, 3]}, "status": True}},
    "total": 12,
}


PATIENT = Bounds(milliseconds=5_000)  # the machine may be busy
ENGINES = {make.name: make(PATIENT) for make in (JsonatapyEngine, JsonataPythonEngine)}


@pytest.fixture(params=ENGINES)
def engine(request):
    return ENGINES[request.param]


def evaluate(value, scope=SCOPE, engine=None):
    return compile_template(value, engine).evaluate(scope)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("payload.id", "A-1"),
        ("payload.count", 3),
        ("payload.count + 1", 4),
        ("payload.count / 2", 1.5),
        ("payload.price * 2", 3),
        ("payload.flag", False),
        ("payload.nothing", None),
        ("null", None),
        ("payload.lines.sku", ["a", "b", "b"]),
        ("payload.one.sku", "a"),
        ("payload.one.sku[]", ["a"]),
        ("payload.lines[q > 1].sku", ["b", "b"]),
        ("payload.lines[0]", {"sku": "a", "q": 1}),
        ("payload.lines[-1].q", 5),
        ("$sum(payload.lines.q)", 8),
        ("$count(payload.lines)", 3),
        ("payload.lines{sku: $sum(q)}", {"a": 1, "b": 7}),
        ("(payload.lines.{'s': sku, 'n': q})[0]", {"s": "a", "n": 1}),
        ("$distinct(payload.lines.sku)", ["a", "b"]),
        ("$join(payload.lines.sku, '-')", "a-b-b"),
        ("$replace(payload.id, /-\\d/, '!')", "A!"),
        ("$replace(payload.id, 'A', function($m) { 1 })", ExpressionFailed),
        ("$pad(payload.id, -6, '0')", "000A-1"),
        ("$match(payload.id, /[0-9]/).match", "1"),
        ("$formatNumber(total, '#0.00')", "12.00"),
        ("$formatInteger(total, 'w')", "twelve"),
        ("$fromMillis(0, '[Y0001]-[M01]-[D01]')", "1970-01-01"),
        ("$toMillis('1970-01-01T00:00:01Z')", 1000),
        ("payload.lines^(>q).q", [5, 2, 1]),
        ("payload.`odd name`", "x"),
        ("payload.text", "Grüße, 😀"),
        ("$length(payload.text)", 8),
        ("$uppercase('é')", "É"),
        ("payload.count > 2 ? 'many' : 'few'", "many"),
        ("'b' in payload.lines.sku", True),
        ("( $x := payload.count; $x * $x )", 9),
        ("$map(payload.lines, function($l) { $l.q * 10 })", [10, 20, 50]),
        ("$filter(payload.lines, function($l) { $l.q = 2 }).sku", "b"),
        ("$reduce([1..5], function($a, $b) { $a * $b })", 120),
        ("payload.id & ':' & payload.count", "A-1:3"),
        ("(payload ~> |$|{'id': 'new'}, ['lines', 'one']|).id", "new"),
        ("$merge([payload.lines[0], {'q': 9}])", {"sku": "a", "q": 9}),
        ("$exists(payload.nope)", False),
        ("payload.nope", MISSING),
        ("nope", MISSING),
        ("nope.nope", MISSING),
        ("$sum(nope)", MISSING),
        ("payload.nothing.deeper", MISSING),
        ("[]", []),
        ("{}", {}),
        ("1.5e3", 1500),
        ("{'a': nope, 'b': null}", {"b": None}),
        ("[1..3]", [1, 2, 3]),
        ('"}}"', "}}"),
        ('{"a": {"b": 1}}', {"a": {"b": 1}}),
    ],
)
def test_it_evaluates(expression, value, engine):
    if value is ExpressionFailed:
        with pytest.raises(ExpressionFailed):
            evaluate(f"{{{{ {expression} }}}}", engine=engine)
        return
    result = evaluate(f"{{{{ {expression} }}}}", engine=engine)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("order {{ payload.id }}!", "order A-1!"),
        (" {{ payload.id }}", " A-1"),
        ("{{ payload.id }}{{ payload.count }}", "A-13"),
        ("{{ payload.count }} of {{ total }}", "3 of 12"),
        ("{{ payload.price }}:", "1.5:"),
        ("flag {{ payload.flag }}", "flag false"),
        ("[{{ payload.nothing }}][{{ nope }}]", "[][]"),
        ("x={{ payload.one }}", 'x=[{"sku":"a","q":1}]'),
        ("x={{ {'é': true} }}", 'x={"é":true}'),
        ("plain } text }} and { more", "plain } text }} and { more"),
        ('literal {{ "{{" }} here', "literal {{ here"),
        ("", ""),
    ],
)
def test_it_writes_values_into_text(template, text, engine):
    assert evaluate(template, engine=engine) == text


def test_it_goes_through_objects_and_lists_and_leaves_keys_alone():
    value = {"{{ key }}": ["{{ total }}", {"deep": "n{{ total }}"}, 5, None], "same": True}
    assert evaluate(value) == {"{{ key }}": [12, {"deep": "n12"}, 5, None], "same": True}


def test_it_drops_missing_members_and_keeps_the_places_of_missing_items():
    assert evaluate({"a": "{{ nope }}", "b": "{{ null }}"}) == {"b": None}
    assert evaluate(["{{ nope }}", 1]) == [None, 1]


@pytest.mark.parametrize("value", ["text", 5, None, True, {"a": ["b"]}, [], {}])
def test_it_gives_a_constant_without_looking_at_the_scope(value):
    assert compile_template(value).evaluate(None) is value


def test_it_does_not_copy_what_it_passes_on(engine):
    assert evaluate("{{ payload.lines[0] }}", engine=engine) is SCOPE["payload"]["lines"][0]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ a + }}", "at column 1 does not parse"),
        ("id {{ a b }}", "at column 4 does not parse"),
        ("{{ a", "not closed"),
        ("{{ a }", "not closed"),
        ("{{ 'a }}", "a text open"),
        ("{{ `a }}", "a quoted name open"),
        ("{{ /* a }}", "a comment open"),
        ("{{ /a }}", "a regular expression open"),
        ("{{ }}", "empty"),
        ("{{}}", "empty"),
        ("{{ {'a': 1 }}", "not closed"),
        ("{{ a } }}", "does not parse"),
        ("{{ $eval('1') }}", "$eval is not available"),
        ("{{ ($e := $eval; $e('1')) }}", "$eval is not available"),
        ("{{ 1) & $pad('a', 1 }}", "does not parse"),
        ("{{ " + "a" * 10_001 + " }}", "10,000"),
        ("{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "nesting"),
        ("{{ '\ud800' }}", "surrogate"),
    ],
)
def test_it_refuses_what_does_not_parse(source, words):
    with pytest.raises(ExpressionInvalid) as caught:
        compile_template(source)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ a + }}", "at column 1 does not parse: "),
        ("id {{ a b }}", "at column 4 does not parse: Syntax error: b (column 9)."),
        ("{{ a } }}", "does not parse: Syntax error: } (column 6)."),
        ("{{ 1) & $pad('a', 1 }}", "does not parse"),
        ("{{ $eval('1') }}", "$eval is not available"),
        ("{{ /[z-a]/ }}", "does not parse: the engine cannot read it: bad character range"),
        ("{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "nesting"),
    ],
)
def test_it_refuses_what_does_not_parse_in_the_engine_in_python(source, words):
    with pytest.raises(ExpressionInvalid) as caught:
        compile_template(source, ENGINES["jsonata-python"])
    assert words in str(caught.value)


def test_it_tells_every_expression_that_does_not_parse_and_where():
    with pytest.raises(ExpressionInvalid) as caught:
        compile_template({"a": "{{ + }}", "b": ["ok", "{{ ( }}"], "c": "{{ fine }}"})
    assert [fault.path for fault in caught.value.faults] == [("a",), ("b", 1)]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("payload.id + 1", "left side of the + operator must evaluate to a number"),
        ("$number('x')", "Cannot convert 'x' to number"),
        ("$error('out of stock')", "out of stock"),
        ("$nope(1)", "non-function: $nope"),
        ("1 / 0", "JSON cannot hold"),
        ("0 / 0", "JSON cannot hold"),
        ("{'a': [1e308 * 10]}", "JSON cannot hold"),
        ("[null, {'a': 0 / 0}]", "JSON cannot hold"),
        ("9007199254740993", "2^53"),
        ("9007199254740991 + 1", "2^53"),
        ("[9007199254740993]", "JSON cannot hold"),
        ("$power(10, 400)", "cannot be represented"),
        ("$sum", "gives a function"),
        ("/a/", "gives a function"),
        ("function($x) { $x }", "gives a function"),
        ("$fromMillis(1, '[Y,9999]')", "more than 999 digits"),
    ],
)
def test_it_says_what_failed_and_why(expression, words):
    with pytest.raises(ExpressionFailed) as caught:
        evaluate(f"{{{{ {expression} }}}}")
    assert words in str(caught.value)
    assert f"{{{{ {expression} }}}}" in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("payload.id + 1", "left side of the + operator must evaluate to a number"),
        ("$number('x')", "fails: A text cannot be read as a number."),
        ("$error('an Object is out of stock.')", "fails: an Object is out of stock."),
        ("$nope(1)", "non-function: $nope"),
        ("1 / 0", "JSON cannot hold"),
        ("[null, {'a': 0 / 0}]", "JSON cannot hold"),
        ("9007199254740991 + 1", "2^53"),
        (
            "$power(10, 400)",
            "The power function has resulted in a value that cannot be represented",
        ),
        ("$sum", "gives a function"),
        ("/a/", "gives a function"),
        ("function($x) { $x }", "gives a function"),
        ("$uppercase(5)", "fails: A function is given an argument of another type than it takes."),
        ("$formatBase(1e300, 2)", "fails: The engine cannot do this with these values."),
        ("$parseDate('x')", "fails: "),
    ],
)
def test_it_says_what_failed_in_the_engine_in_python(expression, words):
    with pytest.raises(ExpressionFailed) as caught:
        evaluate(f"{{{{ {expression} }}}}", engine=ENGINES["jsonata-python"])
    assert words in str(caught.value)


def test_it_shortens_a_long_expression_in_its_sentences():
    with pytest.raises(ExpressionFailed) as caught:
        evaluate("{{ $error(" + " & ".join(["'x'"] * 200) + ") }}")
    assert "…" in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "number", [2**53, -(2**53), 2**63, 2**64, 2**200, float("nan"), float("inf")]
)
def test_it_fails_clearly_on_numbers_that_json_readers_disagree_about(number, engine):
    for template in ("{{ n }}", "{{ [n] }}", "{{ n * 1 }}"):
        with pytest.raises(ExpressionFailed):
            evaluate(template, {"n": number}, engine)


def test_it_fails_clearly_on_half_a_surrogate_pair(engine):
    for template in ("{{ s }}", "{{ {'a': s} }}", "{{ s & 'x' }}"):
        with pytest.raises(ExpressionFailed):
            evaluate(template, {"s": "\ud800"}, engine)


def test_it_gives_large_floats_with_the_engine_in_rust_alone():
    assert evaluate("{{ 1e300 }}", engine=ENGINES["jsonatapy"]) == 1e300
    with pytest.raises(ExpressionFailed, match="2\\^53"):
        evaluate("{{ 1e300 }}", engine=ENGINES["jsonata-python"])


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (None, ""), (MISSING, ""), (True, "true"), (1, "1"), (1.0, "1"), (1.25, "1.25"),
     (1e300, "1e+300"), ([1, "é"], '[1,"é"]')],
)  # fmt: skip
def test_it_writes_json_values_as_text(value, text):
    assert as_text(value) == text
