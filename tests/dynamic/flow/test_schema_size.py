import pytest

from dynamic.flow.schema_size import ENDLESS, written_out_size


def doubling(levels):
    defs = {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/0", "$defs": defs | {str(levels): {"type": "object"}}}


@pytest.mark.parametrize(
    ("schema", "size"),
    [
        (True, 1),
        ({}, 1),
        ({"type": "object"}, 2),
        ({"enum": ["a", "b", "c"]}, 5),
        ({"properties": {"a": {"type": "string"}, "b": {}}}, 5),
        # What is defined counts where it is referred to, each time.
        ({"$defs": {"a": {"type": "string"}}}, 1),
        ({"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"}, 4),
        ({"$defs": {"a/b": {"type": "string"}}, "items": {"$ref": "#/$defs/a~1b"}}, 5),
        ({"prefixItems": [{"type": "string"}, {"$ref": "#/prefixItems/0"}]}, 8),
        ({"$ref": "#/$defs/nope"}, 3),
    ],
)
def test_it_counts_what_stands_there(schema, size):
    assert written_out_size(schema) == size


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#/properties/a"}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"$defs": {"a": {"$anchor": "here"}}, "$ref": "#here"},
        {"$dynamicRef": "#node"},
        doubling(40),
    ],
)
def test_it_gives_up_where_there_is_no_end(schema):
    assert written_out_size(schema) == ENDLESS


def test_it_sees_what_doubles():
    assert written_out_size(doubling(12)) > 2**12
    assert written_out_size(doubling(13)) > 2 * written_out_size(doubling(12))
