import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamic.flow.document import MAX_BYTES, format_path, parse
from dynamic.flow.problems import DocumentInvalid, Problem


def problems(source):
    with pytest.raises(DocumentInvalid) as caught:
        parse(source)
    return caught.value.problems


def the_problem(source):
    (problem,) = problems(source)
    return problem


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("007", 7),
        # Text in YAML 1.2, though surprising numbers, dates and booleans in YAML 1.1.
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2026-01-01", "2026-01-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("NaN", "NaN"),
        ("'12'", "12"),
        ('"true"', "true"),
    ],
)
def test_it_reads_the_scalars_of_yaml_1_2(scalar, value):
    data = parse(f"a: {scalar}").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_it_reads_block_text_as_text():
    assert parse("a: |-\n  12\n").data == {"a": "12"}


def test_it_takes_keys_that_yaml_1_1_would_turn_into_booleans():
    assert parse("on: 1\nno: 2").data == {"on": 1, "no": 2}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(max_codepoint=0xD7FF, exclude_characters="\x7f\ufeff"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc é", max_size=9), inner)
    ),
    max_leaves=12,
).filter(lambda value: value is not None)


@given(json_values)
def test_it_reads_json_as_json(value):
    read = parse(json.dumps(value)).data
    assert read == value
    assert json.dumps(read) == json.dumps(value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a: &x 1\nb: *x", "Anchors"),
        ("a: &x 1", "Anchors"),
        ("a: !!str 1", "Tags"),
        ("a: !!python/object:os.system x", "Tags"),
        ("a: 1\na: 2", "twice"),
        ("1: x", "must be text"),
        ("null: x", "must be text"),
        ("true: x", "must be text"),
        ("? [a]\n: 1", "must be text"),
        ("a: {{ b }}", "A key must be text. Put {{ … }} in quotes."),
        ("a: .nan", "not JSON"),
        ("a: -.inf", "not JSON"),
        ("a: 1e999", "too large"),
        ("a: 9007199254740993", "2^53"),
        ("a: " + "9" * 5000, "2^53"),
        ("a: 1\n---\nb: 2", "one document"),
        ("", "empty"),
        ("# nothing", "empty"),
        ("null", "empty"),
        ("{a", "not valid YAML"),
        ("a: b: c", "not valid YAML"),
        ("a: \0", "NUL"),
        ("a: \x07", "not valid YAML"),
        ("a: \ud800", "surrogate"),
        ("[" * 51 + "]" * 51, "50 levels"),
        ("a:\n" + " " * (MAX_BYTES + 1), "512 KiB"),
    ],
)
def test_it_refuses_what_json_cannot_say(source, words):
    assert any(words in problem.message for problem in problems(source))


def test_it_takes_fifty_levels():
    assert parse("[" * 50 + "]" * 50).data


def test_it_refuses_nesting_without_reading_to_the_end():
    assert "levels" in the_problem("[" * 400_000).message


def test_it_refuses_aliases_before_they_can_grow():
    lines = ["a0: &a0 [x]"] + [
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)
    ]
    assert all("Anchors" in problem.message for problem in problems("\n".join(lines)))


def test_it_tells_all_problems_in_the_order_of_lines():
    found = problems("a: !!str 1\nb: .nan\na: 2\n")
    assert [problem.line for problem in found] == [1, 2, 3]
    assert found[1] == Problem(2, 4, "b", "Infinity and NaN are not JSON numbers.")
    assert found[1].as_dict() == {
        "line": 2,
        "column": 4,
        "path": "b",
        "message": "Infinity and NaN are not JSON numbers.",
    }


def test_it_says_where_the_yaml_breaks():
    problem = the_problem("steps:\n  - call: x\n   api: y\n")
    assert problem.line == 3
    assert str(problem).startswith("line 3: This is not valid YAML")


def test_it_lists_one_problem_a_line():
    with pytest.raises(DocumentInvalid) as caught:
        parse("a: .nan\nb: .inf")
    assert str(caught.value).splitlines() == [
        "line 1, a: Infinity and NaN are not JSON numbers.",
        "line 2, b: Infinity and NaN are not JSON numbers.",
    ]


def test_it_knows_the_place_of_every_path():
    document = parse("version: 1\nsteps:\n  - call: order\n    with:\n      id: x\n  - [1, 2]\n")
    assert document.position(("version",)) == (1, 1)
    assert document.position(("steps", 0)) == (3, 5)
    assert document.position(("steps", 0, "with", "id")) == (5, 7)
    assert document.position(("steps", 1, 1)) == (6, 9)


def test_it_gives_the_nearest_place_of_a_path_that_is_not_there():
    document = parse("version: 1\nsteps:\n  - call: order\n")
    assert document.position(("steps", 0, "with", "id")) == (3, 5)
    assert document.position(("input", "type")) == (1, 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("steps", 2, "with", "id"), "steps[2].with.id"),
        ((0, "a"), "[0].a"),
        (("headers", "X-Foo"), "headers.X-Foo"),
        (("with", "a b"), 'with["a b"]'),
        (("with", ""), 'with[""]'),
    ],
)
def test_it_writes_paths_as_people_read_them(path, text):
    assert format_path(path) == text
