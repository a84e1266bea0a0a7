import json
from pathlib import Path

import pytest

from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.reading import detect, read

# Made with Postman's own converter, openapi-to-postmanv2 6.3.3, from the OpenAPI document of
# django-allauth 65.21.1 (MIT licence, Copyright Raymond Penners and contributors).
ALLAUTH = Path(__file__).with_name("allauth.postman_collection.json")
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
BASE = {"key": "baseUrl", "value": "https://shop.example/v1"}


def collection(*items, **top):
    return {"info": {"name": "Shop", "schema": SCHEMA}, "item": list(items)} | top


def item(url="https://shop.example/orders", name="Orders", **request):
    return {"name": name, "request": {"method": "GET", "url": url} | request}


def proposal(source, base_url=""):
    return read("postman", json.dumps(source), base_url=base_url)


def only(source, base_url=""):
    made = proposal(source, base_url)
    assert made.left_out == ()
    assert len(made.calls) == 1
    return made.calls[0]


def body(**of_request):
    return only(collection(item(method="POST", body=of_request)))


def pairs(rows):
    return [(row["key"], row["value"]) for row in rows]


def test_it_reads_what_postman_makes_of_allauth():
    text = ALLAUTH.read_text("utf-8")
    assert detect(text) == "postman"
    made = read("postman", text)
    assert made.title == "django-allauth: Headless API"
    assert made.left_out == ()
    assert made.base_url == ""  # its variable baseUrl is "/"
    assert len(made.calls) == 56
    calls = {call.slug: call for call in made.calls}
    login = calls["login"]
    assert (login.method, login.path) == ("POST", "/_allauth/{{ client }}/v1/auth/login")
    assert login.body == {"username": "{{ username }}", "password": "{{ password }}"}
    assert login.sample_arguments["client"] == "app"
    assert login.sample_response["status"] == 200
    assert login.description.startswith("_allauth / {client} / v1 / auth / login\n\n")
    assert login.notes == ()
    assert ("X-Session-Token", "{{ X_Session_Token }}") in pairs(calls["list-sessions"].headers)
    assert calls["provider-redirect"].body_kind == "form"


def test_it_resolves_the_variables_of_a_base_url():
    made = proposal(
        collection(
            item("{{baseUrl}}/orders/{{order id}}?page={{page}}&size=5#top"),
            variable=[
                {"key": "baseUrl", "value": "{{scheme}}://shop.example/v1/"},
                {"key": "scheme", "value": "https"},
                {"key": "page", "value": 2},
            ],
        )
    )
    assert made.base_url == "https://shop.example/v1"
    call = made.calls[0]
    assert call.path == "/orders/{{ order_id }}"
    assert pairs(call.query) == [("page", "{{ page }}"), ("size", "5")]
    assert call.sample_arguments == {"page": "2"}


@pytest.mark.parametrize(
    ("url", "base_url", "path"),
    [
        ("https://shop.example/orders", "https://shop.example", "/orders"),
        ("{{baseUrl}}", "https://shop.example/v1", "/"),
        ("{{unknown}}/orders", "", "/orders"),
        ("https://{{unknown}}/orders", "", "/orders"),
        ("https://{{host}}:8080/orders", "https://h.example:8080", "/orders"),
        ("shop.example/orders", "http://shop.example", "/orders"),
        ({"raw": "https://shop.example/a?b=1"}, "https://shop.example", "/a"),
        (
            {"protocol": "https", "host": ["shop", "example"], "port": "1", "path": ["a", "b"]},
            "https://shop.example:1",
            "/a/b",
        ),
        ({"host": "{{baseUrl}}", "path": "a/b"}, "https://shop.example/v1", "/a/b"),
        ({"host": ["{{baseUrl}}"], "path": [{"value": "a"}, ""]}, "https://shop.example/v1", "/a/"),
    ],
)
def test_it_reads_urls_in_all_their_spellings(url, base_url, path):
    made = proposal(collection(item(url), variable=[BASE, {"key": "host", "value": "h.example"}]))
    assert made.base_url == base_url
    assert made.calls[0].path == path
    assert bool(made.calls[0].notes) == ("unknown" in str(url))


def test_it_makes_arguments_of_path_variables():
    url = {
        "host": ["{{baseUrl}}"],
        "path": [":id", "lines", ":line-no", ":other", "at:noon"],
        "variable": [
            {"key": "id", "value": "7"},
            {"key": "line-no", "value": "<string>"},
            {"key": "other", "value": "{{shared}}"},
        ],
        "query": [
            {"key": "a", "value": "1", "description": "Which one"},
            {"key": "b", "value": "2", "disabled": True},
            {"key": "c", "value": None},
            {"key": None, "value": "x"},
        ],
    }
    call = only(collection(item(url), variable=[BASE]))
    assert call.path == "/{{ id }}/lines/{{ line_no }}/{{ shared }}/at:noon"
    assert call.sample_arguments == {"id": "7"}
    assert pairs(call.query) == [("a", "1"), ("c", "")]
    assert call.query[0]["label"] == "Which one"


def test_it_reads_json_with_variables_in_it():
    raw = '{"n": {{count}}, "s": "{{sku}}", "t": "a \\"{{sku}}\\" {{{x}}", "p": "<integer>"}'
    call = only(
        collection(
            item(method="POST", body={"mode": "raw", "raw": raw}),
            variable=[{"key": "count", "value": "5"}, {"key": "sku", "value": "5"}],
        )
    )
    assert call.body_kind == "json"
    assert call.body == {
        "n": "{{ count }}",
        "s": "{{ sku }}",
        "t": 'a "{{ sku }}" {{ "{" }}{{ x }}',
        "p": "{{ p }}",
    }
    assert call.sample_arguments == {"count": 5, "sku": "5", "p": 1}


@pytest.mark.parametrize(
    ("source", "kind", "made"),
    [
        ({"mode": "raw", "raw": "hi {{you}}"}, "text", "hi {{ you }}"),
        ({"mode": "raw", "raw": ""}, "none", None),
        (
            {"mode": "raw", "raw": "<a>{{b}}</a>", "options": {"raw": {"language": "xml"}}},
            "xml",
            "<a>{{ b }}</a>",
        ),
        (
            {"mode": "raw", "raw": "{oops", "options": {"raw": {"language": "json"}}},
            "text",
            "{oops",
        ),
        ({"mode": "file", "file": {"src": "a.bin"}}, "text", "{{ body }}"),
        ({"mode": "raw", "raw": "x", "disabled": True}, "none", None),
        ({}, "none", None),
    ],
)
def test_it_reads_bodies_of_many_kinds(source, kind, made):
    call = body(**source)
    assert (call.body_kind, call.body) == (kind, made)


def test_it_reads_forms():
    rows = [
        {"key": "a", "value": "{{x}}", "description": {"content": "The a"}},
        {"key": "b", "value": "2", "disabled": True},
    ]
    call = body(mode="urlencoded", urlencoded=rows)
    assert (call.body_kind, call.body) == (
        "form",
        [{"label": "The a", "key": "a", "value": "{{ x }}"}],
    )
    file = {"key": "f", "type": "file", "src": ["/home/alice/cat.png"]}
    call = body(mode="formdata", formdata=[*rows, file])
    assert call.body_kind == "multipart"
    assert call.body[1]["filename"] == "cat.png"
    assert call.body[1]["value"] == "{{ f }}"
    assert call.notes == ("The content of the file f is an argument.",)


def test_it_sends_graphql_as_json():
    call = body(
        mode="graphql",
        graphql={"query": "query Q($id: ID!) { a(id: $id) { b } }", "variables": '{"id": {{id}}}'},
    )
    assert call.body_kind == "json"
    assert call.body == {
        "query": "query Q($id: ID!) { a(id: $id) { b } }",
        "variables": {"id": "{{ id }}"},
    }


@pytest.mark.parametrize(
    ("auth", "hint"),
    [
        ({"type": "noauth"}, ("none", "")),
        ({"type": "basic", "basic": [{"key": "password", "value": "hush"}]}, ("basic", "")),
        (
            {"type": "bearer", "bearer": [{"key": "token", "value": "hush"}]},
            ("header", "Authorization"),
        ),
        (
            {
                "type": "apikey",
                "apikey": [{"key": "key", "value": "X-Key"}, {"key": "value", "value": "hush"}],
            },
            ("header", "X-Key"),
        ),
        (
            {
                "type": "apikey",
                "apikey": [{"key": "in", "value": "query"}, {"key": "key", "value": "k"}],
            },
            ("query", "k"),
        ),
        (
            {
                "type": "oauth2",
                "oauth2": [{"key": "grant_type", "value": "client_credentials"}],
            },
            ("oauth2_client", ""),
        ),
        ({"type": "oauth1"}, ("oauth1", "")),
        ({"type": "hawk"}, ("", "")),
    ],
)
def test_it_tells_how_the_collection_authenticates(auth, hint):
    made = proposal(collection(item(), auth=auth))
    assert (made.auth_hint, made.auth_name) == hint
    assert "hush" not in repr(made)


def test_it_keeps_no_credential():
    headers = [
        {"key": "Authorization", "value": "Bearer hush-hush"},
        {"key": "X-Api-Key", "value": "{{apiKey}}"},
        {"key": "X-CSRF-Token", "value": "hush-hush"},
        {"key": "Cookie", "value": "sid=hush-hush"},
    ]
    raw = {"mode": "raw", "raw": '{"user": {"password": "hush-hush"}, "token": "{{token}}"}'}
    request = item(header=headers, body=raw) | {
        "response": [{"code": 200, "body": '{"access_token": "hush-hush", "n": 1}'}]
    }
    variables = [
        {"key": "token", "value": "hush-hush"},
        {"key": "apiKey", "value": "hush-hush", "type": "secret"},
    ]
    made = proposal(collection(request, variable=variables))
    assert "hush-hush" not in repr(made)
    call = made.calls[0]
    assert pairs(call.headers) == [("X-CSRF-Token", "{{ X_CSRF_Token }}")]
    assert call.body == {"user": {"password": "{{ password }}"}, "token": "{{ token }}"}
    assert call.sample_response == {"access_token": "***", "n": 1}
    assert (made.auth_hint, made.auth_name) == ("header", "Authorization")


def test_it_leaves_out_the_key_that_authenticates_the_collection():
    auth = {"type": "apikey", "apikey": [{"key": "key", "value": "X-Shop"}]}
    header = {"key": "X-Shop", "value": "hush-hush"}
    call = only(collection(item(header=[header]), auth=auth))
    assert call.headers == []
    assert call.notes


def test_it_walks_through_folders():
    test = {"listen": "test", "script": {"exec": ["pm.test()"]}}
    before = {"listen": "prerequest", "script": {"exec": "go()"}}
    folder = {
        "name": "Admin",
        "item": [{"name": "Users", "item": [item(name="List") | {"event": [test]}]}],
        "event": [before],
        "auth": {"type": "noauth"},
    }
    made = proposal(collection(item(), folder, {"name": "empty"}, auth={"type": "basic"}))
    assert [call.name for call in made.calls] == ["Orders", "List"]
    orders, users = made.calls
    assert not orders.skip_auth
    assert orders.notes == ()
    assert users.skip_auth
    assert users.description == "Admin / Users"
    assert users.notes == (
        "Its scripts were not taken over.",
        "The script that its folder or collection runs first was not taken over.",
    )


def test_it_takes_the_base_url_of_most_requests():
    items = [item("https://id.example/token"), item("{{baseUrl}}/a"), item("{{baseUrl}}/b")]
    made = proposal(collection(*items, variable=[BASE]))
    assert made.base_url == "https://shop.example/v1"
    assert [call.path for call in made.calls] == ["/a", "/b"]
    assert made.left_out == (
        "GET /token: it goes to https://id.example, the system is at https://shop.example/v1.",
    )


def test_it_takes_the_origin_where_requests_differ():
    items = [item("{{baseUrl}}/a"), item("https://shop.example/v2/b")]
    made = proposal(collection(*items, variable=[BASE]))
    assert made.base_url == "https://shop.example"
    assert [call.path for call in made.calls] == ["/v1/a", "/v2/b"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            {"info": {"schema": SCHEMA.replace("v2.1", "v2.0")}, "item": [item()]},
            "version 2.0",
        ),
        ({"id": "1", "name": "Old", "requests": []}, "version 1"),
        ({"_postman_variable_scope": "environment", "values": []}, "a Postman environment"),
        (collection(), "has no requests"),
        ({"info": {"schema": SCHEMA}}, "This is not a Postman collection"),
    ],
)
def test_it_says_what_it_understands(source, sentence):
    assert detect(json.dumps(source)) == "postman"
    with pytest.raises(SourceInvalid, match=sentence):
        proposal(source)


def test_it_reads_a_collection_in_its_envelope():
    source = {"collection": collection(item())}
    assert detect(json.dumps(source)) == "postman"
    assert only(source).name == "Orders"
