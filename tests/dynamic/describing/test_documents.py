"""Pipes as OpenAPI 3.0.3 and as a Postman collection."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from drf_spectacular.validation import validate_schema

from dynamic.describing.described import describe, describe_all
from dynamic.describing.openapi import openapi
from dynamic.describing.postman import postman
from dynamic.describing.schemas import MOST_LEVELS, as_openapi
from dynamic.importing.reading import detect, read
from dynamic.models import Flow, Pipe

DOCUMENT = """\
version: 1
input:
  type: object
  required: [order_id]
  properties:
    order_id: {type: integer, examples: [1001]}
    note: {type: [string, "null"]}
    lines: {type: array, items: {$ref: "#/$defs/line"}}
  $defs:
    line: {type: object, properties: {sku: {type: string, const: A1}}}
steps:
  - return: {body: 1}
"""
BARE = "version: 1\nsteps:\n  - return: {body: 1}\n"


def pipe(name="Web shop", source=DOCUMENT, **fields):
    made = Pipe(name=name, flow=Flow(slug="f"), **fields)
    return describe(made, source)


EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PIPES = [
    pipe(methods=EVERY),
    pipe("Envelope", failure_mode="compat"),
    pipe("Bare", BARE, methods=EVERY),
    pipe("Web shop", None, methods=["GET"]),
]


class TestOpenApi:
    @pytest.mark.parametrize("pipes", [PIPES, *([each] for each in PIPES), []])
    def test_it_is_valid(self, pipes):
        validate_schema(openapi(pipes, "Pipes"))

    def test_it_is_read_by_our_own_import(self):
        text = json.dumps(openapi(PIPES, "Pipes"))
        assert detect(text) == "openapi"
        proposal = read("openapi", text, base_url=settings.SITE_URL)
        assert proposal.left_out == ()
        assert len(proposal.calls) == 6 + 3 + 6 + 2
        get, post = proposal.calls[:2]
        assert (get.method, post.method) == ("GET", "POST")
        assert [row["key"] for row in get.query][:2] == ["order_id", "note"]
        assert get.path == f"/v1/dynamic/listener/{PIPES[0].id}"
        assert (post.body_kind, post.sample_arguments["order_id"]) == ("json", 1001)

    def test_it_has_every_place_that_a_key_may_stand_in(self, settings):
        schemes = openapi(PIPES, "Pipes")["components"]["securitySchemes"]
        names = {scheme.get("name") for scheme in schemes.values()}
        assert names >= {"Access-Token", "access_token", "token", "jwt_token", "Authorization"}
        settings.QUERY_CREDENTIALS = False
        fewer = openapi(PIPES, "Pipes")["components"]["securitySchemes"]
        assert "query" not in {scheme.get("in") for scheme in fewer.values()}

    def test_it_has_every_answer_that_the_docs_have(self):
        docs = (Path(settings.BASE_DIR) / "docs/calling-a-pipe.md").read_text()
        told = set(re.findall(r"^\| (\d{3})\b.*`[a-z_]+`", docs, re.MULTILINE))
        (operations,) = openapi(PIPES[:1], "Pipes")["paths"].values()
        for operation in operations.values():
            assert told <= operation["responses"].keys()

    def test_it_tells_of_the_envelope_in_place_of_failures(self):
        (operations,) = openapi(PIPES[1:2], "Pipes")["paths"].values()
        answers = operations["post"]["responses"]
        assert "envelope" in answers["200"]["description"]
        assert not {"502", "504"} & answers.keys()

    def test_it_says_how_an_idempotency_key_is_written(self):
        (path,) = openapi([PIPES[2]], "Bare")["paths"].values()
        (parameter,) = path["post"]["parameters"]
        assert parameter["name"] == "Idempotency-Key"
        takes = re.compile(parameter["schema"]["pattern"]).match
        assert takes("order-1001")
        assert not any(map(takes, ["", "two words", "naïve", "x" * 256]))

    def test_it_names_operations_once(self):
        paths = openapi(PIPES, "Pipes")["paths"].values()
        names = [each["operationId"] for operations in paths for each in operations.values()]
        assert len(names) == len(set(names))


class TestSchemas:
    def test_it_writes_out_what_openapi_has_no_word_for(self):
        written = PIPES[0].schema
        assert written["required"] == ["order_id"]
        note, lines = written["properties"]["note"], written["properties"]["lines"]
        assert note == {"type": "string", "nullable": True}
        assert lines["items"]["properties"] == {"sku": {"type": "string", "enum": ["A1"]}}
        assert written["properties"]["order_id"] == {"type": "integer", "example": 1001}

    @pytest.mark.parametrize(
        ("schema", "written"),
        [
            (True, {}),
            (False, {"not": {}}),
            ({"type": ["string", "integer"]}, {}),
            ({"type": "null"}, {"nullable": True, "enum": [None]}),
            ({"type": "array", "prefixItems": [{}]}, {"type": "array", "items": {}}),
            ({"exclusiveMinimum": 1}, {"minimum": 1, "exclusiveMinimum": True}),
            ({"anyOf": [{"const": 1}, True]}, {"anyOf": [{"enum": [1]}, {}]}),
            ({"if": {}, "then": {}, "$comment": "x"}, {}),
            ({"$ref": "#/$defs/gone", "title": "T"}, {"title": "T"}),
        ],
    )
    def test_it_writes_as_openapi(self, schema, written):
        assert as_openapi(schema) == written

    def test_it_has_a_sample_of_what_is_only_named(self):
        made = pipe(source="version: 1\ninput: {required: [sku]}\nsteps: [{return: {body: 1}}]\n")
        assert made.sample == {"sku": "text"}
        (operations,) = openapi([made], "P")["paths"].values()
        (sku,) = operations["get"]["parameters"]
        assert (sku["name"], sku["required"]) == ("sku", True)

    def test_it_ends_where_a_schema_is_within_itself(self):
        schema = {"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}
        written = json.dumps(as_openapi(schema))
        assert written.count('"a"') > MOST_LEVELS
        assert len(written) < 100_000


class TestPostman:
    def test_it_is_read_by_our_own_import(self):
        text = json.dumps(postman(PIPES, "Pipes"))
        assert detect(text) == "postman"
        proposal = read("postman", text, base_url=settings.SITE_URL)
        assert proposal.left_out == ()
        assert len(proposal.calls) == 5 + 2 + 5 + 1
        assert [call.method for call in proposal.calls[:5]] == EVERY
        assert proposal.calls[1].path == f"/v1/dynamic/listener/{PIPES[0].id}"
        assert [row["key"] for row in proposal.calls[0].query] == ["order_id", "note"]

    def test_it_holds_no_key_and_asks_for_one(self):
        collection = postman(PIPES[:1], "Web shop")
        assert collection["variable"][1] == {"key": "access_token", "value": ""}
        assert collection["auth"]["bearer"][0]["value"] == "{{access_token}}"
        assert [item["name"] for item in collection["item"]][:2] == [
            "GET Web shop",
            "POST Web shop",
        ]


class TestDownloads:
    def test_it_gives_one_and_all_that_are_on(self, client, alice, bob):
        for owner in (alice, bob):
            flow = Flow.objects.create(owner=owner, slug="f", name="F", draft=DOCUMENT)
            flow.publish()
            for name in ("Web shop", "Off"):
                owner.pipes.create(name=f"{name} of {owner}", flow=flow, enabled=name != "Off")
            owner.pipes.create(name="Gone", flow=flow, archived_at="2026-01-01T00:00Z")
        client.force_login(alice)
        (mine,) = describe_all(alice)
        for url in ("/pipes/openapi.json", f"/pipes/{mine.id}/openapi.json"):
            response = client.get(url)
            assert list(response.json()["paths"]) == [f"/v1/dynamic/listener/{mine.id}"]
            assert "attachment" in response["Content-Disposition"]
        for url in ("/pipes/postman.json", f"/pipes/{mine.id}/postman.json"):
            assert len(client.get(url).json()["item"]) == 2
