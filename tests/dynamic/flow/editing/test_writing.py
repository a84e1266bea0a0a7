import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamic.flow.document import parse
from dynamic.flow.editing import writing


def written(value):
    return "\n".join(writing.pair("a", value, 0, 2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("shop/get-order", "a: shop/get-order"),
        ("text/csv; charset=utf-8", "a: text/csv; charset=utf-8"),
        ("Grüße 👋", "a: Grüße 👋"),
        ("no", 'a: "no"'),
        ("2026-01-01", 'a: "2026-01-01"'),
        ("1_000", 'a: "1_000"'),
        ("0o17", 'a: "0o17"'),
        ("+.5", 'a: "+.5"'),
        ("12:30", 'a: "12:30"'),
        ("<<", 'a: "<<"'),
        ("", 'a: ""'),
        (" a", 'a: " a"'),
        ("a: b", 'a: "a: b"'),
        ("{{ x }}", 'a: "{{ x }}"'),
        ('{{ "it\'s" }}', "a: '{{ \"it''s\" }}'"),
        ("{{ x }}" * 50, 'a: "' + "{{ x }}" * 50 + '"'),
        ("a\tb", 'a: "a\\tb"'),
        ("a\x85\u2028\ufeff", 'a: "a\\u0085\\u2028\\ufeff"'),
        ("{{ (\n  x\n) }}", "a: |-\n  {{ (\n    x\n  ) }}"),
        ("x\n\ny\n", "a: |\n  x\n\n  y"),
        ("  x\ny", "a: |2-\n    x\n  y"),
        ("x\n\n", 'a: "x\\n\\n"'),
        (None, "a: null"),
        (True, "a: true"),
        (1.5, "a: 1.5"),
        ({}, "a: {}"),
        ([1, "b, c"], 'a: [1, "b, c"]'),
        ({"id": "{{ x }}", "X-Kind": 1}, 'a: {id: "{{ x }}", X-Kind: 1}'),
        ({"b": {"c": 1}}, "a:\n  b: {c: 1}"),
        ([{"b": 1, "c": [{}]}, [[2]]], "a:\n  - b: 1\n    c: [{}]\n  - - [2]"),
        ({"b": "x" * 90}, "a:\n  b: " + "x" * 90),
    ],
)
def test_it_writes_as_people_do(value, text):
    assert written(value) == text


def test_it_leaves_out_what_a_step_does_not_need():
    assert writing.item({"break": None}, 2, 2) == ["  - break:"]


def test_it_knows_no_infinity():
    with pytest.raises(ValueError, match="not JSON"):
        written(float("inf"))


ODD = st.text("ab:#-?{}[]'\"\\|>%@`!&*~,.=<0159_+eE \t\n\r\x85\u2028\xa0\ufeff\x07é😀", max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(ODD, ODD | st.lists(ODD, max_size=2) | st.floats(-9, 1e300), max_size=3))
def test_it_is_read_as_it_was(value):
    assert parse(written(value)).data == {"a": value}
    assert parse("\n".join(writing.item(value, 2, 0))).data == [value]
