"""Which expressions are run apart, and what they are given."""

import pytest

from dynamic.flow.isolation.risk import is_risky, names_needed


@pytest.mark.parametrize(
    "text",
    [
        "payload.lines[price > 10].sku",
        "$sum(lines.(price * quantity))",
        "lines.{'sku': sku, 'free': $$.stock[sku = sku].free}",
        "$string(1) & 'function ($a) {$f($f)}'",
        "$contains(name, /^[a-z]+$/)",
        "a / b / c",
        "$count(a) > 0 ? $join(a, ', ') : 'none'",
        "($free := stock[sku = 'a'].free; {'free': $free, 'enough': $free > 1})",
        "$map(a, function($i) { {'a': $i.x, 'b': $i.y} })",
        "$filter($sort(a, function($l, $r) { $l.n > $r.n }), λ($i) { $i.n > 1 })",
        "$map(a, function($i) { $map($i.b, function($j) { ($i.c + $j) * 2 }) })",
        "a ~> $sum",
    ],
)
def test_it_leaves_where_it_is_what_can_multiply_little(text):
    assert not is_risky(text)


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($i) { $f($i) }; $f(1))",
        "(function($i) { $i($i) })(1)",
        "$map(a, function($i) { $i($i) })",
        "$map([function($i) { $i }], function($i) { 1 })",
        "$map(a, function($sum) { $sum($sum) })",
        "($sum := a; $sum(1))",
        "$reduce(a, function($i, $j) { $i })",
        "($r := $reduce; 1)",
        "a ~> |b|{'x': $}|",
        "a" + ".{'x': $, 'y': $}" * 7,
        "$match(a, /(x{10}){10}/)",
        "$match(a, /\\/x{10}/)",
        """($match(a, /"/); $f := function($i) { $f($i) }; $match(a, /"/))""",
        "$nope(1)",
        "(a ? /x/*1 : $f := function($i) { $f($i) }; /* */ 1)",
    ],
)
def test_it_takes_apart_what_could_multiply_without_end(text):
    assert is_risky(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$map(lines, function($i) { $i.price * factor })", {"lines", "factor"}),
        ("$$.lines.sku", {"lines"}),
        ("`lines`.sku", {"lines"}),
        ("other.sku", {"other"}),
        ("`odd name`.sku", {"odd name"}),
        ("""$replace(lines, /"/, '') & other & '"'""", {"lines", "other"}),
        ("lines * factor", {"lines", "factor"}),
    ],
)
def test_it_tells_the_names_that_are_needed(text, names):
    assert names_needed(text) & {"lines", "factor", "other", "odd name"} == names


@pytest.mark.parametrize(
    "text",
    ["$$", "$keys($$)", "$string()", "$each(function($v) { $v })", "*.sku", "**.sku", "$.a", "(%)"],
)
def test_it_gives_all_where_all_may_be_read(text):
    assert names_needed(text) is None
