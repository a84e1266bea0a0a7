"""Which expressions are run apart, and what they are given."""

import pytest

from dynamic.flow.isolation.risk import is_risky, names_needed


@pytest.mark.parametrize(
    "text",
    [
        "payload.lines[price > 10].sku",
        "$sum(lines.(price * quantity))",
        "lines.{'sku': sku, 'items': items.{'sku': sku, 'total': price * $$.factor}}",
        "lines[qty > $$.least].{'sku': sku}",
        "$map(lines, function($l, $n) { {'position': $n + 1, 'sku': $l.sku} })",
        "$filter($$.stock, function($v) { $v.sku = sku })[0]",
        "lines{sku: $sum(quantity)}",
        "a % 2",
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
        "('$map('; 1/1; $f := [1, function($n) { $n ~> $f }][1]; 3 ~> $f)",
        "($s := $string ~> $string; 1 ~> $s)",
    ],
)
def test_it_takes_apart_what_could_multiply_without_end(text):
    assert is_risky(text)


@pytest.mark.parametrize(
    "text",
    [
        "[1..99999].$$.payload",
        "payload.lines.($$.payload.lines)",
        "lines.{'sku': sku, 'free': $$.stock[sku = sku].free}",
        "($all := lines; lines.($all))",
        "lines[$all := $$.lines].($all)",
        "lines[$count($$.lines.($$.lines)) > 0]",
        "$map(lines, function($i) { lines })",
        "$map(lines, function($i, $n, $all) { $all })",
        "$map(lines, function($i) { $map($i.parts, function($j) { $i }) })",
        "$map([1..99999], function($i) { $lookup('payload') })",
        "lines.%",
        "lines@$l.lines@$m.{'l': $l}",
        "**.**",
        "[1..99999].[" + ",".join("1" * 99) + "]",
        "[1..99999].{'a': '" + "x" * 999 + "'}",
        "[" + ",".join(["payload"] * 99) + "]",
        "{'n': payload}" + ".{'n': {'a': n, 'b': n}}" * 7,
        "payload" + ".({'n': {'a': n, 'b': n}})[0]" * 7,
    ],
)
def test_it_takes_apart_what_each_item_could_repeat_or_parts_multiply(text):
    """Evaluated in place these took gigabytes, or all the time there is, to write out."""
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
    [
        "$$",
        "$keys($$)",
        "$string()",
        "$each(function($v) { $v })",
        "$each((function($v) { $v }))",
        "$lookup('li' & 'nes')",
        "('li' & 'nes') ~> $lookup",
        "($f := function($o, $n)<o-n:o> { $o }; $f(1))",
        "*.sku",
        "**.sku",
        "'a' in **.sku",
        "a and *.sku",
        "$.a",
        "$$.'odd name'",
        '$$."l\\u0069nes"',
        "(%)",
    ],
)
def test_it_gives_all_where_all_may_be_read(text):
    assert names_needed(text) is None
