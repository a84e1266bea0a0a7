"""Schemas that are learned from payloads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamic.flow.learning import DEEPEST, LONGEST_NAME, MOST_PLACES, MOST_PROPERTIES, learn
from dynamic.flow.schema import InputSchema

# Names that say something in a schema are tried most, and objects that share some.
NAMES = st.sampled_from(["id", "$ref", "$id", "type", "properties", "$schema", ""]) | st.text(
    max_size=5
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)  # as far as they are read exactly
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
PAYLOADS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(PAYLOADS, min_size=1, max_size=5))
def test_it_learns_what_every_payload_matches(payloads):
    schema = InputSchema(learn(payloads))
    assert [schema.problems(payload) for payload in payloads] == [[]] * len(payloads)


@given(st.lists(PAYLOADS, max_size=5).flatmap(lambda few: st.tuples(*[st.permutations(few)] * 2)))
def test_it_learns_the_same_in_any_order(orders):
    one, other = orders
    assert learn(one) == learn(other)


def test_it_tells_types_properties_and_what_is_required():
    orders = [
        {"id": 1, "total": 5, "lines": [{"sku": "a", "n": 1}, {"sku": "b"}], "note": None},
        {"id": 2, "total": 5.5, "lines": [], "note": "soon", "gift": True},
    ]
    assert learn(orders) == {
        "type": "object",
        "properties": {
            "gift": {"type": "boolean"},
            "id": {"type": "integer"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"n": {"type": "integer"}, "sku": {"type": "string"}},
                    "required": ["sku"],
                },
            },
            "note": {"type": ["string", "null"]},
            "total": {"type": "number"},
        },
        "required": ["id", "lines", "note", "total"],
    }


@pytest.mark.parametrize(
    ("payloads", "schema"),
    [
        ([], {}),
        ([{}], {"type": "object"}),
        ([[]], {"type": "array"}),
        ([True, 1], {"type": ["integer", "boolean"]}),
        ([None], {"type": "null"}),
    ],
)
def test_it_says_no_more_than_it_saw(payloads, schema):
    assert learn(payloads) == schema


def test_it_refuses_a_payload_that_lacks_what_all_had():
    assert InputSchema(learn([{"id": 1}])).problems({}) != []


def test_it_lets_more_properties_in():
    assert InputSchema(learn([{"id": 1}])).problems({"id": 2, "more": 3}) == []


class TestBounds:
    def test_it_goes_so_deep_only(self):
        payload = 1
        for _ in range(5000):
            payload = [payload]
        schema, levels = learn([payload]), 0
        while "items" in schema:
            schema, levels = schema["items"], levels + 1
        assert levels == DEEPEST
        assert schema == {"type": "array"}

    def test_it_tells_nothing_of_a_look_up_table(self):
        table = {str(number): {"n": number} for number in range(MOST_PROPERTIES + 1)}
        assert learn([table]) == {"type": "object"}

    def test_it_leaves_out_a_name_that_is_a_text(self):
        assert learn([{"x" * (LONGEST_NAME + 1): 1, "y": 2}]) == {
            "type": "object",
            "properties": {"y": {"type": "integer"}},
            "required": ["y"],
        }

    def test_it_tells_of_so_many_places_only_and_of_the_outermost_first(self):
        inner = {f"b{number}": 1 for number in range(MOST_PROPERTIES)}
        payload = {f"a{number}": dict(inner) for number in range(MOST_PROPERTIES)}
        schema = learn([payload])
        described = [part["properties"] for part in schema["properties"].values() if part]
        told = sum(bool(part) for parts in described for part in parts.values())
        assert told == MOST_PLACES - 1 - MOST_PROPERTIES
        assert InputSchema(schema).problems(payload) == []
