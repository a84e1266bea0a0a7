"""POST /v1/credentials/revoke: whoever holds a leaked key may end it, and learns nothing."""

import json
import logging

import pytest

from apikeys import tokens
from apikeys.limiting import LIMITS, REPORTS
from apikeys.models import Key
from tests.dynamic.scene import expired

URL = "/v1/credentials/revoke"


@pytest.fixture(autouse=True)
def _fresh_counts():
    LIMITS.memory.storage.reset()


def report(client, *texts, **more):
    body = json.dumps({"credentials": texts} | more)
    return client.post(URL, body, content_type="application/json")


@pytest.mark.parametrize("kind", ["access_token", "jwt"])
def test_it_ends_the_key_and_tells_its_owner(client, alice, kind):
    key, text = Key.objects.issue(alice, "K", kind, 1)
    assert report(client, text).status_code == 202
    key.refresh_from_db()
    assert key.state == "revoked"
    assert [event.kind for event in key.events.all()] == ["created", "revoked", "leaked"]
    assert key.events.get(kind="leaked").address == "127.0.0.1"
    assert key.notices.filter(kind="leaked").exists()


def test_it_answers_the_same_whatever_it_was(client, alice):
    key, text = Key.objects.issue(alice, "K", "access_token", 1)
    old, old_text = Key.objects.issue(alice, "Old", "access_token", 1)
    expired(old)
    wrong = tokens.make_access_token(key.public_id)
    answers = {
        (
            response.status_code,
            response.content,
            response["Content-Type"] if response.content else "",
        )
        for one in (wrong, text, text, old_text, "x", "", tokens.make_access_token("0" * 10))
        for response in [report(client, one)]
    }
    assert answers == {(202, b"", "")}


def test_it_ends_no_key_for_a_wrong_secret_or_its_digest(client, alice):
    key, _ = Key.objects.issue(alice, "K", "access_token", 1)
    report(client, tokens.make_access_token(key.public_id), bytes(key.digest).hex())
    key.refresh_from_db()
    assert key.state == "live"


def test_it_leaves_an_expired_key_as_it_is(client, alice):
    key, text = Key.objects.issue(alice, "K", "access_token", 1)
    expired(key)
    report(client, text)
    key.refresh_from_db()
    assert key.revoked_at is None
    assert not key.notices.filter(kind="leaked").exists()


def test_it_tells_once_of_what_is_reported_twice(client, alice):
    key, text = Key.objects.issue(alice, "K", "access_token", 1)
    report(client, text, text)
    report(client, text)
    assert key.events.filter(kind="leaked").count() == 1


def test_it_ends_the_one_that_leaked_and_not_its_successor(client, alice):
    key, text = Key.objects.issue(alice, "K", "access_token", 1)
    successor, _ = key.rotate(alice, grace_hours=24)
    report(client, text)
    key.refresh_from_db()
    assert (key.state, successor.state) == ("revoked", "live")


def test_it_asks_the_database_nothing_for_what_is_no_key(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert report(client, *(["dik_nonsense"] * 100)).status_code == 202


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'{"credentials": []}', b'{"credentials": "x"}', b'{"tokens": ["x"]}', b"x"],
)
def test_it_says_what_it_wants(client, body):
    response = client.post(URL, body, content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_it_takes_a_hundred_at_a_time(client):
    assert report(client, *(["x"] * 101)).status_code == 400


def test_it_is_limited_by_address(client):
    for _ in range(REPORTS.amount):
        assert report(client, "x").status_code == 202
    response = report(client, "x")
    assert (response.status_code, response.json()["code"]) == (429, "too_many_attempts")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["RateLimit"].startswith('"reports";r=0')


def test_it_logs_none_of_them(client, alice, caplog):
    _, text = Key.objects.issue(alice, "K", "access_token", 1)
    with caplog.at_level(logging.DEBUG):
        report(client, text)
    assert text[15:] not in caplog.text
