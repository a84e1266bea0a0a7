"""Runs over REST: filtered as on their page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.models import Key
from tests.dynamic.history import pipe_of, run_of, stored

URL = "/v1/dynamic/runs/"


@pytest.fixture
def api(client, alice):
    client.force_login(alice)
    return client


def test_it_filters_and_keeps_to_it_on_the_next_page(api, alice):
    one, other = pipe_of(alice, "One"), pipe_of(alice, "Other")
    bad = [run_of(one, status="failed") for _ in range(51)]
    stored(*bad, run_of(one), run_of(other, status="failed"), run_of(one, timedelta(days=9)))
    page = api.get(URL, {"pipe": one.pk, "status": "not_well"}).json()
    rest = api.get(page["next"]).json()
    found = [run["id"] for run in (*page["results"], *rest["results"])]
    assert sorted(found) == sorted(run.pk for run in bad)
    assert rest["next"] is None


def test_it_filters_by_time_key_and_text(api, alice):
    pipe = pipe_of(alice)
    old = run_of(pipe, timedelta(days=2), message="Sold out")
    new = run_of(pipe, key_public_id="9876543210")
    stored(old, new)
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    for query, run in [
        ({"since": yesterday}, new),
        ({"until": yesterday}, old),
        ({"key": "9876543210"}, new),
        ({"text": "sold"}, old),
    ]:
        assert [found["id"] for found in api.get(URL, query).json()["results"]] == [run.pk]


@pytest.mark.parametrize("name", ["status", "since", "until", "text"])
def test_it_says_what_it_does_not_understand(api, name):
    answer = api.get(URL, {name: "\0" if name == "text" else "nonsense"})
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["path"] == name


def test_it_shows_a_key_no_runs_but_those_of_its_pipes(client, alice):
    one, other = pipe_of(alice, "One"), pipe_of(alice, "Other")
    stored(run_of(one), run_of(other))
    _, text = Key.objects.issue(alice, "K", "access_token", 1, pipes=[one.pk])
    headers = {"Authorization": f"Bearer {text}"}
    answer = client.get(URL, {"pipe": other.pk}, headers=headers).json()
    assert answer["results"] == []
