"""Every error of the REST API is a problem, and every answer names its request."""

import pytest
from rest_framework.test import APIClient

from apikeys.limiting import FAILED, LIMITS
from apikeys.models import Key
from integrator.rest import server_error

PIPES = "/v1/dynamic/pipes/"


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


def test_it_tells_nothing_of_a_defect(rf):
    response = server_error(rf.get(PIPES))
    assert response.status_code == 500
    assert b"internal_error" in response.content


def test_it_shows_people_a_page(client, db):
    page = client.get("/v1/nowhere/", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert b"<html" in page.content
