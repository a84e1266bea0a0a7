"""Pipes over REST: made and changed by their owner, read by the keys that may call them."""

import pytest

from dynamic.models import Flow, Pipe
from tests.dynamic.api.conftest import problems

DOCUMENT = "version: 1\nsteps:\n  - return: {body: %d}\n"
URL = "/v1/dynamic/pipes/"
SHOP = {"name": "Web shop", "flow": "orders"}


def flow_of(owner, slug="orders", versions=1):
    flow = Flow.objects.create(owner=owner, slug=slug, name=slug, draft=DOCUMENT % 1)
    for number in range(versions):
        flow.draft = DOCUMENT % number
        flow.save()
        flow.publish()
    return flow


@pytest.fixture
def flow(alice):
    return flow_of(alice, versions=2)


@pytest.fixture
def pipe(flow):
    return Pipe.objects.create(owner=flow.owner, name="Web shop", flow=flow)


class TestReading:
    def test_it_finds_by_words_and_state(self, api, pipe, bobs):
        Pipe.objects.create(owner=pipe.owner, name="Off", flow=pipe.flow, enabled=False)

        def names(query, client=api):
            return [each["name"] for each in client.get(URL + query).json()["results"]]

        assert names("") == ["Off", "Web shop"]
        assert names("?q=WEB+order") == ["Web shop"]
        assert names("?enabled=false") == ["Off"]
        assert names("", bobs) == []
        assert problems(api.get(f"{URL}?enabled=maybe")) == {"enabled": "It is true or false."}

    def test_it_knows_nothing_of_somebody_elses(self, bobs, pipe):
        for method in ("get", "put", "patch", "delete"):
            assert getattr(bobs, method)(f"{URL}{pipe.pk}/", SHOP).status_code == 404


class TestWriting:
    def test_it_makes_one_with_all_else_as_it_is_in_a_new_one(self, api, flow, settings):
        answer = api.post(URL, SHOP)
        assert answer.status_code == 201
        made = answer.json()
        pipe = Pipe.objects.get(pk=made["id"])
        assert (pipe.owner, pipe.flow, pipe.pinned) == (flow.owner, flow, None)
        assert made["url"] == f"{settings.SITE_URL}/v1/dynamic/listener/{pipe.pk}"
        assert (made["methods"], made["failure_mode"]) == (["GET", "POST"], "http")
        assert (made["pinned_version"], made["cache_headers"]) == (None, [])

    def test_it_changes_what_is_sent(self, api, pipe):
        sent = {"pinned_version": 1, "failure_mode": "compat", "cache_headers": ["X-Shop"]}
        answer = api.patch(f"{URL}{pipe.pk}/", sent).json()
        assert {name: answer[name] for name in sent} == sent
        assert (answer["name"], answer["flow"]) == ("Web shop", "orders")
        assert api.patch(f"{URL}{pipe.pk}/", {"enabled": False}).json()["pinned_version"] == 1
        answer = api.patch(f"{URL}{pipe.pk}/", {"pinned_version": None}).json()
        assert answer["pinned_version"] is None

    def test_it_replaces_all_of_it(self, api, pipe):
        url = f"{URL}{pipe.pk}/"
        shown = api.patch(url, {"keep_days": 7, "pinned_version": 2}).json()
        writable = {name: value for name, value in shown.items() if name not in {"id", "url"}}
        assert api.put(url, writable).json() == shown
        answer = api.put(url, SHOP).json()
        assert (answer["keep_days"], answer["pinned_version"], answer["id"]) == (90, None, pipe.pk)

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"flow": "gone"}, "flow"),
            ({"flow": "bobs"}, "flow"),
            ({"flow": None}, "flow"),
            ({"pinned_version": 3}, "pinned_version"),
            ({"pinned_version": 0}, "pinned_version"),
            ({"pinned_version": "x"}, "pinned_version"),
            ({"name": "Taken"}, "name"),
            ({"name": ""}, "name"),
            ({"methods": []}, "methods"),
            ({"methods": ["TRACE"]}, "methods[0]"),
            ({"deadline": 0}, "deadline"),
            ({"body_limit": 2**40}, "body_limit"),
            ({"failure_mode": "none"}, "failure_mode"),
            ({"cache_headers": ["a b"]}, "cache_headers"),
            ({"cache_headers": "X-Shop"}, "cache_headers"),
            ({"alert_addresses": ["nobody"]}, "alert_addresses"),
            ({"nonsense": 1}, "nonsense"),
        ],
    )
    def test_it_tells_what_is_wrong_and_changes_nothing(self, api, pipe, bob, change, path):
        Pipe.objects.create(owner=pipe.owner, name="Taken", flow=pipe.flow)
        flow_of(bob, "bobs")
        before = api.get(f"{URL}{pipe.pk}/").json()
        found = problems(api.patch(f"{URL}{pipe.pk}/", change))
        assert [name.partition("[")[0] for name in found] == [path.partition("[")[0]]
        assert api.get(f"{URL}{pipe.pk}/").json() == before

    def test_it_wants_a_pin_of_the_flow_that_it_runs(self, api, pipe):
        url = f"{URL}{pipe.pk}/"
        flow_of(pipe.owner, "stock")
        api.patch(url, {"pinned_version": 2})
        assert list(problems(api.patch(url, {"flow": "stock"}))) == ["pinned_version"]
        answer = api.patch(url, {"flow": "stock", "pinned_version": 1}).json()
        assert (answer["flow"], answer["pinned_version"]) == ("stock", 1)

    def test_it_deletes(self, api, pipe):
        assert api.delete(f"{URL}{pipe.pk}/").status_code == 204
        assert not Pipe.objects.exists()


class TestKeys:
    def test_it_lets_a_key_read_those_that_it_may_call(self, by_key, pipe):
        other = Pipe.objects.create(owner=pipe.owner, name="Other", flow=pipe.flow)
        client = by_key(pipes=[pipe.pk])
        assert [each["id"] for each in client.get(URL).json()["results"]] == [pipe.pk]
        assert client.get(f"{URL}{other.pk}/").status_code == 404

    def test_it_lets_no_key_change_any(self, by_key, pipe):
        client, url = by_key(), f"{URL}{pipe.pk}/"
        asked = [client.post(URL, SHOP | {"name": "New"}), client.delete(url)]
        asked += [client.put(url, SHOP), client.patch(url, {"enabled": False})]
        for answer in asked:
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert Pipe.objects.get().enabled
