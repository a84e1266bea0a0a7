"""Where an expression inside a text ends."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamic.flow.expressions import ExpressionInvalid, compile_template
from dynamic.flow.scanner import MAX_SOURCE, Source, split


def sources(text):
    return [piece.text for piece in split(text) if isinstance(piece, Source)]


@pytest.mark.parametrize(
    "expression",
    [
        "a",
        '{"a": {"b": {}}}',
        '{"a": "}}"}',
        "'}}'",
        '"\\"}}"',
        '"\\\\"',
        "`}}`",
        "`a\\`",
        "a /* }} ' \" */ + b",
        "$match(a, /}}/)",
        "$match(a, /\\/}}/i)",
        "$match(a, /[\"']/)",
        "$match(a, /[(]/)",
        "a / b / c",
        "(a) / 2 & '}}' / 3",
        "[1] / 2 & '}}'",
        "a.* / 2 & '}}'",
        "a.** / 2 & '}}'",
        "a.%.b / 2 & '/'",
        "a and /x}}/ ",
        "a.and / 2",
        "a in b / 2",
        "2 * /a/",
        "$ / 2 & '}}'",
        "λ($x) { $x / 2 }",
        "x ~> |$|{'a': {'b': 1}}|",
    ],
)
def test_it_finds_the_end_of_an_expression(expression):
    assert split(f"x {{{{{expression}}}}} y {{{{ z }}}}")[::2] == ["x ", " y "]
    assert sources(f"x {{{{{expression}}}}} y {{{{ z }}}}") == [expression.strip(), "z"]


def test_it_closes_right_after_an_object_constructor():
    assert sources('{{{"a": {"b": 1}}}}') == ['{"a": {"b": 1}}']


def test_it_tells_columns_and_names():
    (literal, source) = split('ab {{ $pad($x, 5) & "$not" & `$nor` /* $no */ }}')
    assert literal == "ab "
    assert source.column == 4
    assert source.names == {"pad", "x"}


def test_it_takes_ten_thousand_characters_and_no_more():
    assert sources("{{" + "a" * MAX_SOURCE + "}}") == ["a" * MAX_SOURCE]
    with pytest.raises(ExpressionInvalid):
        split("{{" + "a" * (MAX_SOURCE + 1) + "}}")


@pytest.mark.parametrize("noise", ['"', "/*", "`", "/", "{", "{{", "\\", "'\\", "a/*b"])
def test_it_refuses_long_noise_without_scanning_it_again_and_again(noise):
    with pytest.raises(ExpressionInvalid):
        split("{{" + noise * 100_000)


pieces = st.text(st.sampled_from("{}\"'`/*\\$a1 .()[]|+é\n"), max_size=40)


@given(pieces)
def test_it_splits_any_text_or_says_why_not(text):
    try:
        parts = split(text)
    except ExpressionInvalid:
        return
    literal = "".join(part for part in parts if isinstance(part, str))
    assert "{{" not in literal
    assert len(literal) <= len(text)
    assert all(part for part in parts)


@given(pieces | st.text(max_size=40))
def test_it_compiles_any_text_or_says_why_not(text):
    with contextlib.suppress(ExpressionInvalid):
        assert compile_template("{{" + text + "}}")


@given(st.text(st.characters(exclude_characters="{"), max_size=40))
def test_it_leaves_text_without_braces_alone(text):
    assert split(text) == ([text] if text else [])
