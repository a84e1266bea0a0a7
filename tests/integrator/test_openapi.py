"""The OpenAPI description says what is so, and its page works offline."""

import io

import pytest
import yaml
from django.core.management import call_command

from tests.conftest import PASSWORD

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema():
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def operations(schema):
    for path, item in schema["paths"].items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def test_it_is_valid_and_complete(schema):
    assert {
        "/v1/account/api-keys/",
        "/v1/account/api-keys/self/",
        "/v1/account/api-keys/{public_id}/rotate/",
        "/v1/credentials/revoke",
        "/v1/dynamic/listener/{pipe_id}",
        "/v1/dynamic/flows/{slug}/publish/",
        "/v1/dynamic/flows/{flow_slug}/versions/{number}/",
        "/v1/dynamic/pipes/",
        "/v1/dynamic/pipes/{id}/callback-secret/",
        "/v1/dynamic/runs/{id}/",
        "/v1/dynamic/runs/{id}/answer/",
        "/v1/dynamic/runs/{id}/cancel/",
        "/v1/dynamic/systems/",
        "/v1/dynamic/systems/{slug}/import/",
        "/v1/dynamic/systems/{system_slug}/calls/{slug}/test/",
        "/v1/dynamic/systems/{system_slug}/credentials/{id}/default/",
        "/v1/dynamic/authentication-types/",
    } <= schema["paths"].keys()
    ids = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(ids) == len(set(ids))


def test_it_names_each_way_to_present_a_key_as_enough_by_itself(schema):
    security = schema["paths"]["/v1/dynamic/pipes/"]["get"]["security"]
    assert security == [{"key": []}, {"keyHeader": []}, {"keyInQuery": []}, {"cookieAuth": []}]
    schemes = schema["components"]["securitySchemes"]
    assert schemes["key"]["scheme"] == "bearer"
    assert schemes["keyInQuery"] == {"type": "apiKey", "in": "query", "name": "access_token"}


def test_it_says_that_keys_are_managed_by_session_alone(schema):
    for path, _, operation in operations(schema):
        if path.startswith("/v1/account/api-keys/") and not path.endswith("/self/"):
            assert operation["security"] == [{"cookieAuth": []}], path


def test_it_says_that_keys_only_read_systems_and_flows_and_see_no_credentials(schema):
    for path, method, operation in operations(schema):
        if path.startswith(("/v1/dynamic/systems/", "/v1/dynamic/flows/")):
            closed = "/credentials/" in path or "/shares/" in path
            by_session_alone = closed or method != "get"
            assert (operation["security"] == [{"cookieAuth": []}]) is by_session_alone, path


def test_it_says_that_anyone_may_report_a_leak(schema):
    assert not any(schema["paths"]["/v1/credentials/revoke"]["post"].get("security", []))


def test_it_describes_errors_everywhere(schema):
    for _, _, operation in operations(schema):
        assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_it_tells_of_no_secret_but_where_one_is_shown(schema):
    holders = [
        name
        for name, component in schema["components"]["schemas"].items()
        if "secret" in component.get("properties", {})
    ]
    assert holders == ["NewKey"]
    assert PASSWORD not in str(schema)
    values = schema["components"]["schemas"]["Credential"]["properties"]["values"]
    assert values["writeOnly"] is True
    assert values["additionalProperties"] == {"type": "string", "nullable": True}


def test_it_says_of_what_a_pipes_methods_are(schema):
    components = schema["components"]["schemas"]
    assert components["Pipe"]["properties"]["methods"]["items"] == {"type": "string"}
    assert "type" not in components["RunDetail"]["properties"]["input"]  # any JSON


def test_it_is_served_to_everybody(client):
    response = client.get("/v1/schema/", headers={"Accept": "application/json"})
    assert response.status_code == 200
    page = client.get("/v1/docs/").content.decode()
    assert "<style" not in page
    assert "https://" not in page.replace("https://www.w3.org", "")


def test_it_says_what_may_be_null(schema):
    components = schema["components"]["schemas"]
    for name, fields in {
        "Key": ["use", "predecessor", "successor"],
        "Event": ["actor"],
        "System": ["health"],
    }.items():
        for field in fields:
            assert components[name]["properties"][field]["nullable"] is True, (name, field)


def test_it_says_that_an_unknown_field_is_an_error(schema):
    components = schema["components"]["schemas"]
    for name in ("System", "PatchedSystem", "Flow", "Pipe", "Call", "Credential", "Create", "Leak"):
        assert components[name]["additionalProperties"] is False, name


def test_it_says_that_a_change_of_a_key_wants_the_password(schema):
    components = schema["components"]["schemas"]
    assert components["PatchedChange"]["required"] == ["password"]
    assert "required" not in components["PatchedSystem"]


def test_it_says_how_names_in_addresses_are_written(schema):
    for path, _, operation in operations(schema):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"] != "request_id":
                described = parameter["schema"]
                assert "pattern" in described or described["type"] == "integer", (path, parameter)


def test_it_describes_bodies_as_json(schema):
    for path, method, operation in operations(schema):
        if "requestBody" in operation:
            assert list(operation["requestBody"]["content"]) == ["application/json"], (path, method)
