"""Sources that want too much: each ends soon, with a sentence or a proposal that works.

The bounds on time are far above what is needed, and far below what an unbounded reader takes.
"""

import json
import time
from contextlib import contextmanager, suppress

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamic.importing.parsing import MAX_BYTES, parse
from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.reading import detect, read

HEAD = '"openapi": "3.0.0", "servers": [{"url": "https://h.example"}]'


@contextmanager
def soon(seconds=15):
    began = time.perf_counter()
    yield
    assert time.perf_counter() - began < seconds


def openapi(paths, **top):
    return json.dumps({"openapi": "3.0.0", "paths": paths} | top)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a: &a [x, x]\n"
            + "".join(
                f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n"
                for i in range(12)
            ),
            "more than 500,000 values",
        ),
        ("a: &a\n  <<: *a\n", "stands inside what it names"),
        ("a: &a [*a]", "stands inside what it names"),
        ("a: *b", "has no anchor before it"),
        ("a: &a b\n*a : c", "stands for a key"),
        ("- " * 200 + "a", "levels deep"),
        ("? " * 200 + "a", "for a key"),
        ("[" * 500 + "]" * 500, "levels deep"),
        ("[" * 2_000_000, "not valid JSON"),
        ('{"a":' * 1_000_000, "not valid JSON"),
        ("- a\n" * 600_000, "more than 500,000 values"),
        ("[" + "1," * 600_000 + "1]", "more than 500,000 values"),
        ("a" * (MAX_BYTES + 1), "larger than 5,120 KiB"),
        ("a: 1\n---\nb: 2", "several YAML documents"),
        ("a: [", "not valid YAML in line"),
        ("[NaN]", "not valid JSON"),
        ("[1e999]", "not valid JSON"),
        ('{"a": "\\u0000"}', "NUL"),
        ('{"\\u0000": 1}', "NUL"),
        ('a: "\\0"', "NUL"),
        ("a\0b", "NUL"),
        ("a\ud800", "surrogate"),
        ("", "nothing in it"),
    ],
    ids=range(23),
)
def test_it_refuses_a_document_beyond_its_bounds(text, sentence):
    with soon(), pytest.raises(SourceInvalid, match=sentence):
        parse(text)


def test_it_reads_yaml_as_the_core_schema_has_it():
    source = (
        "a: no\nb: 2026-01-01\nc: .nan\nd: 1e999\ne: 99999999999999999999\nf: !!str 1\n"
        "200: x\ng: &x {h: 1}\ni: *x\nj:\n  <<: *x\n  k: 2\nl: !!python/object:os.system {}\n"
    )
    assert parse(source) == {
        "a": "no",
        "b": "2026-01-01",
        "c": ".nan",
        "d": "1e999",
        "e": 99999999999999999999.0,
        "f": "1",
        "200": "x",
        "g": {"h": 1},
        "i": {"h": 1},
        "j": {"h": 1, "k": 2},
        "l": {},
    }


def test_it_reads_five_mebibytes_soon():
    item = {
        "properties": {f"p{n}": {"type": "string", "description": "x" * 200} for n in range(60)}
    }
    schemas = {f"s{n}": item for n in range(330)}
    paths = {
        f"/a{n}": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": f"#/components/schemas/s{n}"}}
                    }
                }
            }
        }
        for n in range(330)
    }
    text = openapi(paths, components={"schemas": schemas})
    assert 4_500_000 < len(text) < MAX_BYTES
    with soon():
        assert len(read("openapi", text).calls) == 330


def test_it_refuses_a_host_of_requests():
    with soon(), pytest.raises(SourceInvalid, match="more than 1,000 requests"):
        read("openapi", openapi({f"/{n}": {"get": {}} for n in range(100_000)}))
    items = [{"request": "https://h.example"}] * 80_000
    with soon(), pytest.raises(SourceInvalid, match="more than 1,000 requests"):
        read("postman", json.dumps({"info": {}, "item": items}))
    with soon(), pytest.raises(SourceInvalid, match="more than 1,000 requests"):
        read("curl", "curl h.example\n" * 20_000)


def test_it_bounds_what_many_operations_point_to():
    """A thousand operations that share one large thing are not a thousand large things."""
    many = {f"p{n}": {"type": "object", "properties": {"a": {"$ref": "#/x"}}} for n in range(2000)}
    wide = {"properties": many, "example": {f"k{n}": "y" * 900 for n in range(1500)}}
    parameters = [{"name": f"q{n}", "in": "query", "schema": {"$ref": "#/x"}} for n in range(150)]
    shared = {
        "parameters": parameters,
        "description": "z" * 100_000,
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/x"}}}},
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/x"}}}}},
    }
    text = openapi({f"/{n}": {"$ref": "#/item"} for n in range(500)}, item={"post": shared}, x=wide)
    with soon(60):
        made = read("openapi", text)
    assert len(made.calls) == 500
    sizes = [len(orjson.dumps([c.sample_arguments, c.sample_response])) for c in made.calls]
    assert sum(sizes) < 40_000_000


@pytest.mark.parametrize("key", ["allOf", "oneOf", "anyOf"])
def test_it_bounds_schemas_that_multiply(key):
    schema = {
        key: [{"$ref": "#/x"}] * 50,
        "properties": {"a": {"$ref": "#/x"}, "b": {"$ref": "#/x"}},
    }
    content = {"application/json": {"schema": {"$ref": "#/x"}}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"content": content}}}
    with soon():
        made = read("openapi", openapi({"/a": {"post": operation}}, x=schema))
    assert set(made.calls[0].body) == {"a", "b"}


def test_it_bounds_variables_that_multiply():
    variables = [{"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}" * 60} for n in range(30)]
    variables += [{"key": "a", "value": "{{b}}"}, {"key": "b", "value": "{{a}}"}]
    items = [{"request": {"url": url}} for url in ("{{v0}}/x", "{{a}}/x", "https://{{v1}}/x")]
    with soon():
        made = read("postman", json.dumps({"info": {}, "item": items, "variable": variables}))
    assert [call.path for call in made.calls] == ["/x"] * 3


@pytest.mark.parametrize(
    "text",
    [
        "curl '" + "a" * 500_000,
        "curl " + "\\'" * 250_000,
        "curl " + "$'" + "\\'" * 250_000,
        'curl "' + '\\"' * 250_000,
        "curl h " + "-" * 500_000,
        "curl h -d '" + "a=1&" * 120_000 + "'",
        "curl h -d '" + "[" * 500_000 + "'",
        "curl 'h?" + "a&" * 250_000 + "'",
        "curl 'h/" + "{a}" * 150_000 + "'",
        "curl 'h/" + "{" * 500_000 + "'",
        "curl -H '" + "a" * 500_000 + ": b' h",
        "curl " + "h " * 250_000,
        "curl h" + "\n$ #" * 200_000,
        "# " * 250_000,
    ],
    ids=range(14),
)
def test_it_ends_soon_with_any_command(text):
    with soon(), suppress(SourceInvalid):
        read("curl", text)


@pytest.mark.parametrize(
    "raw",
    ['"\\' * 200_000, '\\"' * 200_000, "{{" * 200_000, "{{a" * 200_000, '{"a":{{b}},' * 50_000],
)
def test_it_ends_soon_with_any_body(raw):
    body = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    item = {"request": {"url": "https://h.example", "method": "POST", "body": body}}
    with soon(), suppress(SourceInvalid):
        read("postman", json.dumps({"info": {}, "item": [item]}))


KEYS = [
    *("openapi", "info", "paths", "servers", "url", "variables", "default", "components", "$ref"),
    *("/a", "/{b}", "get", "post", "parameters", "name", "in", "schema", "example", "examples"),
    *("requestBody", "content", "application/json", "multipart/form-data", "type", "properties"),
    *("items", "allOf", "oneOf", "enum", "responses", "200", "security", "securitySchemes", "x"),
    *("application/x-www-form-urlencoded", "summary", "style", "explode", "value", "description"),
    *("item", "request", "header", "key", "body", "mode", "raw", "urlencoded", "formdata", "auth"),
    *("variable", "event", "script", "exec", "listen", "response", "code", "host", "path", "query"),
    *("graphql", "collection", "schema", "method", "src", "disabled", "apikey", "flows", "scheme"),
]
TEXTS = [
    *(
        "3.0.0",
        "3.1.0",
        "#/x",
        "#/components/x",
        "https://h.example",
        "{{a}}",
        "/a",
        "query",
        "header",
    ),
    *(
        "path",
        "object",
        "array",
        "string",
        "deepObject",
        "raw",
        "urlencoded",
        "formdata",
        "graphql",
    ),
    *("apikey", "basic", "noauth", "oauth2", "POST", "{{a}}/b", "x:{{", "<string>", '{"a": {{b}}}'),
    *(
        "https://[",
        "http://h:99999",
        "prerequest",
        "file",
        "application/json",
        "{",
        "}}",
        "\x7f",
        "é",
    ),
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(TEXTS)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=40,
)
THROW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def thrown(kind, source):
    with suppress(SourceInvalid):
        for base_url in ("", "https://h.example/v1"):
            made = read(kind, source, base_url=base_url)
            orjson.dumps([[c.query, c.body, c.sample_arguments] for c in made.calls])


@THROW
@given(VALUES, VALUES, VALUES)
def test_it_takes_any_json_for_openapi(operation, top, x):
    item = {"post": operation, "get": {"parameters": x, "security": top, "requestBody": operation}}
    source = {"openapi": "3.1.0", "paths": {"/a/{b}": item, "/c": x}, "x": x, "servers": top}
    source |= {"components": {"x": x, "securitySchemes": top}, "security": x, "info": top}
    thrown("openapi", json.dumps(source))
    thrown("openapi", json.dumps(top))


@THROW
@given(VALUES, VALUES, VALUES)
def test_it_takes_any_json_for_a_collection(request, top, x):
    asked = {"request": {"url": x, "body": top, "header": request, "auth": top, "method": x}}
    items = [{"request": request, "response": top}, {"item": [asked], "auth": x, "event": top}, x]
    source = {"info": top, "item": items, "variable": x, "auth": request, "event": x}
    thrown("postman", json.dumps(source))
    thrown("postman", json.dumps(top))


@THROW
@given(
    st.lists(
        st.sampled_from(
            [
                "curl",
                "-d",
                "-H",
                "-F",
                "-X",
                "'",
                '"',
                "$'",
                "\\",
                "\n",
                " ",
                ";",
                "|",
                ">",
                "a=@b",
                "--next",
                "https://h.example/a?b=c",
                "{{",
                "[",
                "%00",
                "A: b",
                "-u",
                "é",
                "^",
                "#",
            ]
        ),
        max_size=30,
    ),
    st.text(max_size=10),
)
def test_it_takes_any_text_for_curl(pieces, text):
    thrown("curl", "curl " + " ".join(pieces) + text)
    thrown("curl", "".join(pieces) + text)


@given(st.text(max_size=60) | VALUES.map(json.dumps))
def test_it_knows_a_kind_or_says_what_to_paste(text):
    with suppress(SourceInvalid):
        assert detect(text) in ("curl", "openapi", "postman")
