"""Flows and pipes are archived over REST as systems are."""

import pytest

from dynamic.systems.archiving import archive
from tests.dynamic.api.conftest import problems
from tests.dynamic.archive import flow_of, pipe_of

ROOT = "/v1/dynamic/"


@pytest.fixture
def pipe(alice):
    return pipe_of(flow_of(alice))


@pytest.fixture
def places(pipe):
    return {"flows": f"{ROOT}flows/stock/", "pipes": f"{ROOT}pipes/{pipe.pk}/"}


def names(client, kind, query=""):
    answer = client.get(f"{ROOT}{kind}/{query}")
    return [each["name"] for each in answer.json()["results"]]


def test_it_archives_and_restores(api, places, pipe):
    assert api.get(places["pipes"]).json()["archived_at"] is None
    for kind in ("pipes", "flows"):
        first = api.post(f"{places[kind]}archive/")
        assert first.status_code == 200
        assert first.json()["archived_at"]
        again = api.post(f"{places[kind]}archive/").json()
        assert again["archived_at"] == first.json()["archived_at"]
        assert api.get(places[kind]).json()["archived_at"] == again["archived_at"]
    for kind in ("flows", "pipes"):
        assert api.post(f"{places[kind]}restore/").json()["archived_at"] is None
    pipe.refresh_from_db()
    assert pipe.archived_at is None


def test_it_lists_them_apart(api, pipe):
    archive(pipe)
    archive(pipe.flow)
    for kind, name in (("flows", "Stock"), ("pipes", "Web shop")):
        assert names(api, kind) == names(api, kind, "?archived=false") == []
        assert names(api, kind, "?archived=true") == [name]
        refused = api.get(f"{ROOT}{kind}/?archived=maybe")
        assert problems(refused) == {"archived": "It is true or false."}


def test_it_says_what_uses_a_flow(api, places):
    refused = api.post(f"{places['flows']}archive/")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "the pipe “Web shop”" in refused.json()["detail"]


def test_it_restores_no_pipe_before_its_flow(api, places, pipe):
    archive(pipe)
    archive(pipe.flow)
    refused = api.post(f"{places['pipes']}restore/")
    assert (refused.status_code, refused.json()["code"]) == (409, "flow_archived")
    assert refused.json()["detail"].endswith("among your flows: stock.")


def test_it_gives_no_pipe_an_archived_flow(api, alice, pipe):
    archive(flow_of(alice, "old"))
    answer = api.patch(f"{ROOT}pipes/{pipe.pk}/", {"flow": "old"})
    assert list(problems(answer)) == ["flow"]
    assert "is archived" in problems(answer)["flow"]


def test_it_keeps_what_is_archived_whatever_else_is_sent(api, places, pipe):
    archive(pipe)
    assert api.patch(places["pipes"], {"archived_at": None}).status_code in {200, 400}
    assert api.put(places["pipes"], {"name": "New", "flow": "stock"}).status_code == 200
    pipe.refresh_from_db()
    assert pipe.archived_at


def test_it_wants_a_session_and_ones_own(api, by_key, bobs, places, pipe):
    archive(pipe)
    archive(pipe.flow)
    for kind in ("flows", "pipes"):
        for act in ("archive", "restore"):
            assert by_key().post(f"{places[kind]}{act}/").status_code == 403
            assert bobs.post(f"{places[kind]}{act}/").status_code == 404
    pipe.refresh_from_db()
    assert pipe.archived_at
