import importlib.resources
import json

import pytest
import yaml

from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.reading import detect, read

ALLAUTH = importlib.resources.files("allauth.headless") / "spec" / "doc" / "openapi.yaml"


def document(operation=None, *, method="get", path="/orders", **top):
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example/v1"}],
        "paths": {path: {method: operation or {}}},
    } | top


def proposal(source, base_url=""):
    return read("openapi", json.dumps(source), base_url=base_url)


def only(source, base_url=""):
    made = proposal(source, base_url)
    assert made.left_out == ()
    assert len(made.calls) == 1
    return made.calls[0]


def body(schema, content_type="application/json", **media):
    content = {content_type: {"schema": schema} | media}
    return document({"requestBody": {"content": content}}, method="post")


def pairs(rows):
    return [(row["key"], row["value"]) for row in rows]


def test_it_reads_the_document_that_allauth_ships():
    text = ALLAUTH.read_text("utf-8")
    assert detect(text) == "openapi"
    made = read("openapi", text)
    assert made.title == "django-allauth: Headless API"
    assert made.left_out == ()
    assert made.base_url == ""  # the document names no server
    operations = yaml.safe_load(text)["paths"].values()
    methods = {"get", "post", "put", "patch", "delete"}
    assert len(made.calls) == sum(len(methods & item.keys()) for item in operations) == 56
    calls = {call.slug: call for call in made.calls}
    login = calls["login"]
    assert (login.method, login.path) == ("POST", "/_allauth/{{ client }}/v1/auth/login")
    assert login.body == {name: f"{{{{ {name} }}}}" for name in login.body}
    assert set(login.body) == {"username", "email", "phone", "password"}
    assert login.sample_arguments["username"] == "wizard"
    assert login.sample_arguments["client"] == "app"
    assert login.sample_response["data"]["user"]["display"] == "Magic Wizard"
    assert login.notes == ("The body has several forms: give the arguments of one of them.",)
    assert pairs(calls["list-sessions"].headers) == [("X-Session-Token", "{{ X_Session_Token }}")]
    assert "X_Session_Token" not in calls["list-sessions"].sample_arguments  # it is optional
    assert calls["provider-redirect"].body_kind == "form"


def test_it_reads_parameters_wherever_they_stand():
    source = document(
        {
            "operationId": "listItems",
            "summary": "Items of an order",
            "parameters": [
                {"$ref": "#/components/parameters/Page"},
                {"name": "tag", "in": "query", "schema": {"type": "array"}, "explode": True},
                {"name": "id", "in": "query"},
                {"name": "X-Trace", "in": "header", "example": "t-1"},
                {"name": "Accept", "in": "header"},
                {"name": "sid", "in": "cookie"},
            ],
        },
        path="/orders/{order-id}/items.{format}",
        components={
            "parameters": {"Page": {"name": "page", "in": "query", "schema": {"default": 2}}}
        },
    )
    source["paths"]["/orders/{order-id}/items.{format}"]["parameters"] = [
        {"name": "order-id", "in": "path", "schema": {"type": "integer"}, "description": "No."},
        {"name": "page", "in": "query", "schema": {"default": 1}},
    ]
    call = only(source)
    assert (call.slug, call.name) == ("list-items", "Items of an order")
    assert call.path == "/orders/{{ order_id }}/items.{{ format }}"
    assert pairs(call.query) == [("page", "{{ page }}"), ("tag", "{{ tag }}"), ("id", "{{ id }}")]
    assert pairs(call.headers) == [("X-Trace", "{{ X_Trace }}")]
    assert call.sample_arguments == {"order_id": 1, "page": 2, "X_Trace": "t-1"}
    assert call.notes == ("The cookie sid was left out: a call has none.",)


def test_it_reads_the_parts_of_a_deep_object():
    parameter = {
        "name": "filter",
        "in": "query",
        "style": "deepObject",
        "schema": {"type": "object", "properties": {"status": {}, "from": {}}},
    }
    call = only(document({"parameters": [parameter]}))
    assert pairs(call.query) == [
        ("filter[status]", "{{ filter.`status` }}"),
        ("filter[from]", "{{ filter.`from` }}"),
    ]


def test_it_makes_an_argument_of_each_property():
    call = only(
        body(
            {
                "type": "object",
                "properties": {
                    "sku": {"type": "string", "example": "A-1"},
                    "count": {"type": "integer", "minimum": 1},
                    "due": {"type": "string", "format": "date"},
                    "to": {
                        "type": "object",
                        "properties": {"city": {"type": "string"}, "zip": {"type": "string"}},
                    },
                    "tags": {"type": "array", "items": {"enum": ["new", "old"]}},
                    "id": {"type": "integer", "readOnly": True},
                },
            }
        )
    )
    assert call.body == {key: f"{{{{ {key} }}}}" for key in ("sku", "count", "due", "to", "tags")}
    assert call.sample_arguments == {
        "sku": "A-1",
        "count": 1,
        "due": "2026-01-31",
        "to": {"city": "text", "zip": "text"},
        "tags": ["new"],
    }


def test_it_tells_an_id_in_the_path_from_one_in_the_body():
    operation = {
        "requestBody": {
            "content": {"application/json": {"schema": {"properties": {"id": {}, "or": {}}}}}
        }
    }
    call = only(document(operation, method="put", path="/orders/{id}"))
    assert call.path == "/orders/{{ id }}"
    assert call.body == {"id": "{{ body_id }}", "or": "{{ or_ }}"}


@pytest.mark.parametrize(
    ("content_type", "kind", "made"),
    [
        ("application/x-www-form-urlencoded", "form", [("pic", "{{ pic }}"), ("n", "{{ n }}")]),
        ("multipart/form-data", "multipart", [("pic", "{{ pic }}"), ("n", "{{ n }}")]),
        ("application/xml", "xml", "{{ body }}"),
        ("text/csv", "text", "{{ body }}"),
        ("application/octet-stream", "text", "{{ body }}"),
    ],
)
def test_it_reads_bodies_of_other_kinds(content_type, kind, made):
    schema = {"properties": {"pic": {"type": "string", "format": "binary"}, "n": {}}}
    call = only(body(schema, content_type))
    assert call.body_kind == kind
    assert (pairs(call.body) if isinstance(call.body, list) else call.body) == made
    if kind == "multipart":
        assert [row.get("filename") for row in call.body] == ["pic", None]
    if kind == "text":
        assert pairs(call.headers) == [("Content-Type", content_type)]


def test_it_keeps_the_name_of_a_special_json():
    call = only(body({"type": "array", "items": {"type": "integer"}}, "application/vnd.x+json"))
    assert (call.body_kind, call.body) == ("json", "{{ body }}")
    assert call.sample_arguments == {"body": [1]}
    assert pairs(call.headers) == [("Content-Type", "application/vnd.x+json")]


def test_it_prefers_examples_to_what_it_can_make_up():
    schema = {"properties": {"a": {"type": "string"}, "password": {"type": "string"}}}
    responses = {
        "404": {"content": {"application/json": {"example": {"no": 1}}}},
        "201": {
            "content": {
                "text/html": {},
                "application/json": {"examples": {"x": {"value": {"ok": [1, 2, 3, 4]}}}},
            }
        },
    }
    source = body(schema, example={"a": "mine"})
    source["paths"]["/orders"]["post"]["responses"] = responses
    call = only(source)
    assert call.sample_arguments == {"a": "mine"}
    assert call.sample_response == {"ok": [1, 2, 3]}


def test_it_reads_what_3_1_has_new():
    source = body({"properties": {"a": {"type": ["null", "string"], "examples": ["x"]}}})
    source["openapi"] = "3.1.0"
    source["webhooks"] = {"paid": {"post": {}}}
    assert only(source).sample_arguments == {"a": "x"}


@pytest.mark.parametrize(
    ("server", "base_url", "found", "path"),
    [
        ("https://shop.example/v1/", "", "https://shop.example/v1", "/orders"),
        ("https://shop.example/v1", "https://shop.example/v1", None, "/orders"),
        ("https://shop.example/v1", "https://shop.example", None, "/v1/orders"),
        ("https://{env}.example/v1", "", "https://test.example/v1", "/orders"),
        ("/api/v3", "", "", "/api/v3/orders"),
        ("/api/v3", "https://shop.example", None, "/api/v3/orders"),
        ("/api/v3", "https://shop.example/api/v3/", None, "/orders"),
        ("/", "", "", "/orders"),
    ],
)
def test_it_finds_the_base_url(server, base_url, found, path):
    servers = [{"url": server, "variables": {"env": {"default": "test"}}}]
    made = proposal(document(servers=servers), base_url)
    assert made.base_url == (base_url if found is None else found)
    assert made.calls[0].path == path


def test_it_takes_the_server_that_is_the_system():
    servers = [{"url": "https://shop.example/v1"}, {"url": "https://test.example/v1"}]
    assert only(document(servers=servers), "https://test.example/v1").path == "/orders"


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://sandbox.example", "/v1/orders"),
        ("https://sandbox.example/v1", "/orders"),
        ("https://sandbox.example/shop/v1", "/orders"),
    ],
)
def test_it_makes_calls_for_the_system_where_the_document_names_another_host(base_url, path):
    assert only(document(), base_url).path == path


def test_it_leaves_out_an_operation_that_is_elsewhere():
    operation = {"servers": [{"url": "https://shop.example/v1"}]}
    made = proposal(document(operation), "https://other.example")
    assert made.calls == ()
    assert made.left_out == (
        "GET /orders: it goes to https://shop.example/v1, the system is at https://other.example.",
    )


@pytest.mark.parametrize(
    ("scheme", "hint"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("header", "X-Key")),
        ({"type": "apiKey", "in": "query", "name": "k"}, ("query", "k")),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, ("", "")),
        ({"type": "http", "scheme": "Basic"}, ("basic", "")),
        ({"type": "http", "scheme": "bearer"}, ("header", "Authorization")),
        ({"type": "oauth2", "flows": {"clientCredentials": {}}}, ("oauth2_client", "")),
        ({"type": "oauth2", "flows": {"authorizationCode": {}}}, ("oauth2_code", "")),
        ({"type": "oauth2", "flows": {"password": {}}}, ("oauth2_password", "")),
        ({"type": "mutualTLS"}, ("", "")),
    ],
)
def test_it_tells_how_the_system_authenticates(scheme, hint):
    source = document(components={"securitySchemes": {"a": scheme}}, security=[{"a": []}])
    source["paths"]["/health"] = {"get": {"security": []}}
    made = proposal(source)
    assert (made.auth_hint, made.auth_name) == hint
    assert [call.skip_auth for call in made.calls] == [False, True]
    assert bool(made.calls[0].notes) == (hint == ("", ""))


def test_it_leaves_out_the_key_of_a_security_scheme():
    source = document(
        {"parameters": [{"name": "k", "in": "query"}, {"name": "token", "in": "query"}]},
        components={"securitySchemes": {"a": {"type": "apiKey", "in": "query", "name": "k"}}},
    )
    call = only(source)
    assert pairs(call.query) == [("token", "{{ token }}")]
    assert call.notes == ("The query k was left out: give the system a credential.",)


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        ("https://evil.example/x.json", "https://evil.example/x.json is elsewhere"),
        ("other.yaml#/Order", "other.yaml#/Order is elsewhere"),
        ("#/components/schemas/None", "The document has no #/components/schemas/None."),
        ("#/components/schemas/A", "leads in a circle"),
    ],
)
def test_it_notes_references_that_it_cannot_follow(reference, note):
    source = body({"$ref": reference})
    source["components"] = {
        "schemas": {
            "A": {"$ref": "#/components/schemas/B"},
            "B": {"$ref": "#/components/schemas/A"},
        }
    }
    assert note in " ".join(only(source).notes)


def test_it_makes_a_sample_of_a_schema_that_holds_itself():
    source = body({"$ref": "#/components/schemas/Node"})
    source["components"] = {
        "schemas": {
            "Node": {
                "properties": {
                    "name": {"type": "string"},
                    "next": {"$ref": "#/components/schemas/Node"},
                    "all": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                }
            }
        }
    }
    call = only(source)
    assert set(call.body) == {"name", "next", "all"}
    assert call.sample_arguments["name"] == "text"


def test_it_reads_an_escaped_reference():
    source = body({"$ref": "#/components/schemas/a~1b%20c"})
    source["components"] = {"schemas": {"a/b c": {"properties": {"x": {}}}}}
    assert only(source).body == {"x": "{{ x }}"}


def test_it_keeps_braces_of_the_source_literal():
    source = document(path="/a/{{x}}/b")
    source["paths"]["/a/{{x}}/b"]["get"] = {}
    call = only(source)
    assert call.path == '/a/{{ "{" }}{{ x }}}/b'


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"swagger": "2.0", "paths": {}}, "This is Swagger 2.0; OpenAPI 3.0 and 3.1"),
        ({"openapi": "4.0.0"}, "This is OpenAPI 4.0.0."),
        ({"openapi": {}}, "This is not an OpenAPI document."),
        ({"openapi": "3.0.0", "paths": {}}, "has no operations"),
        ([], "This is not an OpenAPI document."),
    ],
)
def test_it_says_what_it_understands(source, sentence):
    with pytest.raises(SourceInvalid, match=sentence):
        proposal(source)


def test_it_reads_yaml_as_json():
    source = document({"operationId": "a", "deprecated": True})
    assert read("openapi", yaml.safe_dump(source)) == proposal(source)


def test_it_leaves_out_methods_that_a_call_cannot_have():
    made = proposal(document(method="trace"))
    assert made.left_out == ("TRACE /orders: TRACE is not a method that a call can have.",)
