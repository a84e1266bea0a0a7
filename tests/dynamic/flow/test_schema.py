import socket

import pytest

from dynamic.flow.schema import InputSchema, SchemaInvalid

ORDER = {
    "type": "object",
    "required": ["lines"],
    "properties": {
        "lines": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}}},
        "email": {"format": "email"},
    },
}


def test_it_finds_nothing_wrong_with_a_good_payload():
    assert InputSchema(ORDER).problems({"lines": [{"sku": "a"}], "email": "a@b.example"}) == []


def test_it_tells_what_is_wrong_and_where():
    found = InputSchema(ORDER).problems({"lines": [{"sku": 5}], "email": "nobody"})
    assert sorted(problem["path"] for problem in found) == ["email", "lines[0].sku"]
    assert {"path": "lines[0].sku", "message": 'This value is not of type "string".'} in found


def test_it_tells_what_is_missing():
    assert InputSchema(ORDER).problems({}) == [
        {"path": "", "message": '"lines" is a required property.'}
    ]


def test_it_tells_at_most_twenty_problems():
    schema = InputSchema({"items": {"type": "string"}})
    assert len(schema.problems(list(range(50)))) == 20


def test_it_never_quotes_the_payload():
    schema = InputSchema({"properties": {"a": {"enum": ["x"]}, "b": {"maxLength": 3}}})
    assert "secret" not in str(schema.problems({"a": "secret", "b": "secret"}))


def test_it_shortens_long_messages():
    (problem,) = InputSchema({"enum": ["x" * 5000]}).problems("y")
    assert len(problem["message"]) < 400


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("object", ()),
        (None, ()),
        ([], ()),
        ({"type": "objct"}, ("type",)),
        ({"properties": {"a": {"minimum": "1"}}}, ("properties", "a", "minimum")),
        ({"properties": {"a": {"pattern": "(a"}}}, ("properties", "a", "pattern")),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, ("$schema",)),
        ({"$schema": 7}, ("$schema",)),
        ({"$schema": ["x"]}, ("$schema",)),
        ({"$ref": "#/$defs/nope"}, ()),
        # The linear-time engine has neither look-around nor back references.
        ({"pattern": "(?=a)b"}, ("pattern",)),
        ({"pattern": r"(a)\1"}, ("pattern",)),
    ],
)
def test_it_refuses_a_schema_that_is_wrong(schema, path):
    with pytest.raises(SchemaInvalid) as caught:
        InputSchema(schema)
    assert caught.value.path == path


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_it_never_opens_a_socket_for_a_reference(keyword):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
        with pytest.raises(SchemaInvalid, match="not present in a registry"):
            InputSchema({"properties": {"a": {keyword: url}}})
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_it_reads_no_file_for_a_reference(tmp_path):
    (tmp_path / "schema.json").write_text("{}")
    with pytest.raises(SchemaInvalid, match="not present in a registry"):
        InputSchema({"$ref": (tmp_path / "schema.json").as_uri()})


def test_it_follows_references_inside_the_schema():
    tree = {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}
    schema = InputSchema({**tree, "$ref": "#/$defs/node"})
    assert [p["path"] for p in schema.problems({"next": {"next": 1}})] == ["next.next"]


def test_it_matches_patterns_in_linear_time():
    assert InputSchema({"pattern": "^(a+)+$"}).problems("a" * 50_000 + "b")
