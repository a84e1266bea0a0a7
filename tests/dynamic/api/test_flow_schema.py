"""Editors get the JSON Schema of flow documents, without a key, and keep it for a while."""

import jsonschema_rs

from dynamic.flow.document_schema import DOCUMENT_SCHEMA

URL = "/v1/flow-schema.json"


def test_it_gives_the_schema_to_everybody(client):
    reply = client.get(URL)
    assert reply.status_code == 200
    assert reply["Content-Type"] == "application/schema+json"
    jsonschema_rs.meta.validate(reply.json())
    assert reply.json() == DOCUMENT_SCHEMA


def test_it_may_be_kept_and_asked_for_again(client):
    reply = client.get(URL)
    assert reply["Cache-Control"] == "public, max-age=3600"
    assert "Vary" not in reply or "Cookie" not in reply["Vary"]
    again = client.get(URL, headers={"If-None-Match": reply["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_for_reading(client):
    assert client.head(URL).status_code == 200
    assert client.post(URL).status_code == 405
