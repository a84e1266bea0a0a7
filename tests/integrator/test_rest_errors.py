"""Every error of the REST API is a problem, and every answer names its request."""

import base64
import logging

import pytest
from rest_framework.test import APIClient

from apikeys.limiting import FAILED, LIMITS
from apikeys.models import Key
from dynamic.api.pipes import PipeViewSet

PIPES = "/v1/dynamic/pipes/"
KEYS = "/v1/account/api-keys/"


@pytest.fixture(autouse=True)
def _fresh_counts():
    LIMITS.memory.storage.reset()


@pytest.fixture
def api(db):
    return APIClient()


def problem_of(response):
    assert response["Content-Type"] == "application/problem+json"
    value = response.json()
    assert value["status"] == response.status_code
    assert value["request_id"] == response["Request-Id"]
    assert response["Cache-Control"] == "no-store"
    return value["code"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (PIPES, 401, "unauthorized"),
        (f"{PIPES}?token=x", 401, "invalid_token"),
        (f"{PIPES}?token=x&token=x", 400, "invalid_request"),
        (f"{PIPES}?x=%FF", 400, "invalid_request"),
        ("/v1/nowhere/", 404, "not_found"),
    ],
)
def test_it_answers_a_problem(api, path, status, code):
    response = api.get(path)
    assert (response.status_code, problem_of(response)) == (status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 100_000, 400, "invalid_body"),
        (b'{"name": %s%s}' % (b"[" * 900, b"]" * 900), 400, "invalid_body"),
        (b'{"days": NaN}', 400, "invalid_body"),
        (b'{"days": 1e400}', 400, "invalid_body"),
        (b'{"name": "\\ud800"}', 400, "invalid_body"),
        (b'{"name": "\xff"}', 400, "invalid_body"),
        (b"[1]", 400, "invalid_input"),
        (b'"%s"' % (b"x" * 3_000_000), 413, "body_too_large"),
    ],
    ids=["deeper", "deep", "nan", "infinite", "surrogate", "not utf-8", "no object", "large"],
)
def test_it_refuses_a_body(api, alice, body, status, code):
    api.force_login(alice)
    response = api.post(KEYS, body, content_type="application/json")
    assert (response.status_code, problem_of(response)) == (status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"a=" + b"x" * 3_000_000, 413, "body_too_large"), (b"a=1&" * 2000, 400, "invalid_request")],
    ids=["large", "many fields"],
)
def test_it_refuses_a_form(api, alice, body, status, code):
    api.force_login(alice)
    response = api.post(KEYS, body, content_type="application/x-www-form-urlencoded")
    assert (response.status_code, problem_of(response)) == (status, code)


def test_it_tells_where_each_problem_is(api, alice):
    api.force_login(alice)
    body = {"networks": ["10.0.0.0/8", []], "misspelt": 1}
    response = api.post(KEYS, body, format="json")
    assert problem_of(response) == "invalid_input"
    assert [problem["path"] for problem in response.json()["problems"]] == ["misspelt"]
    body = {"name": "K", "password": "x", "networks": ["10.0.0.0/8", []], "days": "many"}
    problems = api.post(KEYS, body, format="json").json()["problems"]
    assert {problem["path"] for problem in problems} == {"networks[1]", "days"}


@pytest.mark.parametrize("position", ["p=nonsense", "p=%00", "o=-1"])
def test_it_knows_no_forged_cursor(api, alice, position):
    api.force_login(alice)
    cursor = base64.b64encode(position.encode()).decode()
    response = api.get(KEYS, {"cursor": cursor})
    assert (response.status_code, problem_of(response)) == (404, "not_found")
    for path in (PIPES, "/v1/dynamic/runs/"):
        # To SQLite, unlike PostgreSQL, any position is a text like another.
        assert api.get(path, {"cursor": cursor}).status_code in {200, 404}


def test_it_knows_no_id_that_none_can_have(api, alice):
    api.force_login(alice)
    assert problem_of(api.get(f"{PIPES}%00/")) == "not_found"


@pytest.mark.parametrize("path", ["/v1/schema/", PIPES])
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/vnd.oai.openapi"])
def test_it_answers_a_problem_whatever_the_view_renders(api, alice, path, accept):
    api.force_login(alice)
    response = api.put(path, b"{}", content_type="application/json", headers={"Accept": accept})
    assert problem_of(response) in {"method_not_allowed", "not_acceptable"}


def test_it_answers_a_problem_to_another_host(api):
    assert problem_of(api.get(PIPES, headers={"Host": "elsewhere"})) == "invalid_request"


def test_it_challenges_as_the_listener_does(api):
    assert api.get(PIPES)["WWW-Authenticate"] == 'Bearer realm="integrator"'
    challenge = api.get(f"{PIPES}?token=x")["WWW-Authenticate"]
    assert 'error="invalid_token", error_description="The access token' in challenge


@pytest.mark.parametrize(
    ("grants", "query", "code"),
    [
        ({"can_read": False}, "", "insufficient_scope"),
        ({"networks": ["10.0.0.0/8"]}, "", "insufficient_scope"),
        ({"query_allowed": False}, "token={}", "insufficient_scope"),
    ],
)
def test_it_heeds_what_a_key_is_granted(api, alice, grants, query, code):
    _, text = Key.objects.issue(alice, "K", "access_token", 1, **grants)
    headers = {} if query else {"Authorization": f"Bearer {text}"}
    response = api.get(f"{PIPES}?{query.format(text)}", headers=headers)
    assert (response.status_code, problem_of(response)) == (403, code)
    assert 'error="insufficient_scope"' in response["WWW-Authenticate"]
    event = alice.keys.get().events.get(kind="denied")
    assert event.request_id == response["Request-Id"]


def test_it_names_the_request_as_no_client_chooses(api):
    response = api.get(PIPES, headers={"Request-Id": "a" * 32, "X-Request-Id": "a" * 32})
    assert response["Request-Id"] != "a" * 32
    assert len(response["Request-Id"]) == 32


def test_it_limits_failed_keys_by_address(api):
    for _ in range(FAILED.amount):
        assert api.get(f"{PIPES}?token=x").status_code == 401
    response = api.get(f"{PIPES}?token=x")
    assert (response.status_code, problem_of(response)) == (429, "too_many_attempts")
    assert 1 <= int(response["Retry-After"]) <= 60


def test_it_limits_the_calls_of_a_key(api, alice):
    _, text = Key.objects.issue(alice, "K", "access_token", 1, calls_per_minute=2)
    answers = [api.get(PIPES, headers={"Access-Token": text}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem_of(answers[2]) == "too_many_calls"


def test_it_tells_of_a_defect_in_the_log_alone(alice, monkeypatch, caplog):
    def broken(self):
        raise RuntimeError("the inner workings")

    monkeypatch.setattr(PipeViewSet, "get_queryset", broken)
    api = APIClient(raise_request_exception=False)
    api.force_login(alice)
    with caplog.at_level(logging.ERROR):
        response = api.get(PIPES)
    assert (response.status_code, problem_of(response)) == (500, "internal_error")
    assert b"inner workings" not in response.content
    assert len([record for record in caplog.records if record.exc_info]) == 1
    assert response["Request-Id"] in caplog.text


def test_it_shows_people_a_page(client, db):
    page = client.get("/v1/nowhere/", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert b"<html" in page.content
