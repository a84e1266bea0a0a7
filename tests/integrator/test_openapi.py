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
        "/v1/dynamic/runs/{id}/",
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
            by_session_alone = "/credentials/" in path or method != "get"
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
