"""The secret that signs a pipe's callbacks, over REST."""

import base64

import pytest

from apikeys.models import Change
from dynamic.models import Pipe
from tests.dynamic.api.test_pipes import URL, flow_of


@pytest.fixture
def pipe(alice):
    return Pipe.objects.create(owner=alice, name="Web shop", flow=flow_of(alice))


@pytest.fixture
def url(pipe):
    return f"{URL}{pipe.pk}/callback-secret/"


def held(pipe):
    return Pipe.objects.get(pk=pipe.pk).callback_secret


def test_it_is_made_replaced_and_removed(api, pipe, url):
    def told():
        return api.get(f"{URL}{pipe.pk}/").json()["has_callback_secret"]

    assert told() is False
    answer = api.post(url)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    first = answer.json()["callback_secret"]
    assert first == held(pipe)
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
    assert told() is True
    assert api.post(url).json()["callback_secret"] not in {first, ""}
    assert held(pipe) != first
    assert api.delete(url).status_code == 204
    assert (told(), held(pipe)) == (False, "")


def test_servers_are_told(api, pipe, url):
    before = Change.objects.count()
    api.post(url)
    assert Change.objects.count() == before + 1


def test_it_is_shown_nowhere_else(api, pipe, url):
    secret = api.post(url).json()["callback_secret"]
    for each in (URL, f"{URL}{pipe.pk}/"):
        assert secret.removeprefix("whsec_") not in api.get(each).content.decode()


def test_a_change_of_the_pipe_leaves_it(api, pipe, url):
    api.post(url)
    secret = held(pipe)
    put = {"name": "Shop", "flow": "orders", "has_callback_secret": False}
    assert api.put(f"{URL}{pipe.pk}/", put).status_code == 200
    assert held(pipe) == secret


def test_it_is_the_owners_by_session_alone(pipe, url, bobs, by_key):
    for client, status in ((bobs, 404), (by_key(), 403)):
        assert client.post(url).status_code == status
        assert client.delete(url).status_code == status
    assert held(pipe) == ""
