"""The REST API: an owner's own pipes and runs, by key and by session."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apikeys.models import Key
from dynamic.models import Pipe, Run
from dynamic.models.run import new_run_id

DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"


def pipe_of(owner, name):
    flow, _ = owner.flows.get_or_create(slug="flow", name="Flow", draft=DOCUMENT)
    flow.publish()
    return Pipe.objects.create(owner=owner, name=name, flow=flow)


def run_of(pipe, **fields):
    values = {"key_public_id": "0" * 10, "request_id": "r", "method": "GET", "status": "success"}
    values |= {"http_status": 200, "started_at": timezone.now(), "ms": 1.5}
    values |= {"input": {"payload": {"a": 1}}, "answer": [1], "trace": []}
    return Run.objects.create(id=new_run_id(), owner=pipe.owner, pipe=pipe, **(values | fields))


@pytest.fixture
def api(alice):
    return APIClient()


def by_key(api, owner, **grants):
    _, text = Key.objects.issue(owner, "K", "access_token", 1, **grants)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return api


class TestWho:
    def test_it_wants_a_credential(self, api):
        response = api.get("/v1/dynamic/pipes/")
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="integrator"'

    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/v1/dynamic/pipes/?access_token=nonsense", 401),
            ("/v1/dynamic/pipes/?token=a&token=b", 400),
        ],
    )
    def test_it_refuses_what_the_listener_refuses(self, api, target, status):
        assert api.get(target).status_code == status

    @pytest.mark.parametrize("query", ["token={}&x=%FF", "token={}", "token={}&token={}"])
    def test_it_shows_no_key_in_a_page_or_a_redirect(self, api, alice, query):
        _, text = Key.objects.issue(alice, "K", "access_token", 1)
        query = query.replace("{}", text)
        for path in ("/v1/dynamic/pipes/", "/v1/dynamic/pipes"):
            response = api.get(f"{path}?{query}", HTTP_ACCEPT="text/html")
            assert text not in response.content.decode() + str(response.headers)

    def test_it_takes_a_session(self, api, alice):
        pipe_of(alice, "Mine")
        api.force_login(alice)
        assert api.get("/v1/dynamic/pipes/").json()["results"][0]["name"] == "Mine"

    @pytest.mark.parametrize("kind", ["access_token", "jwt"])
    def test_it_takes_either_kind_of_key(self, api, alice, kind):
        _, text = Key.objects.issue(alice, "K", kind, 1)
        assert api.get(f"/v1/dynamic/pipes/?token={text}").status_code == 200

    def test_it_refuses_a_key_that_may_not_read(self, api, alice):
        assert by_key(api, alice, can_read=False).get("/v1/dynamic/pipes/").status_code == 403


class TestPipes:
    def test_it_lists_ones_own(self, api, alice, bob):
        mine = pipe_of(alice, "Mine")
        foreign = pipe_of(bob, "Bob's")
        answer = by_key(api, alice).get("/v1/dynamic/pipes/").json()
        assert [pipe["id"] for pipe in answer["results"]] == [mine.id]
        assert answer["results"][0]["url"].endswith(f"/v1/dynamic/listener/{mine.id}")
        assert api.get(f"/v1/dynamic/pipes/{foreign.id}/").status_code == 404

    def test_it_lists_those_a_key_is_granted(self, api, alice):
        one, other = pipe_of(alice, "One"), pipe_of(alice, "Other")
        by_key(api, alice, pipes=[one.id])
        assert len(api.get("/v1/dynamic/pipes/").json()["results"]) == 1
        assert api.get(f"/v1/dynamic/pipes/{other.id}/").status_code == 404

    def test_it_changes_nothing_by_key(self, api, alice):
        pipe = pipe_of(alice, "Mine")
        by_key(api, alice)
        for method in (api.post, api.put, api.patch, api.delete):
            assert method(f"/v1/dynamic/pipes/{pipe.id}/", {}).status_code == 403


class TestRuns:
    def test_it_pages_through_ones_own_newest_first(self, api, alice, bob):
        pipe = pipe_of(alice, "Mine")
        made = [run_of(pipe).id for _ in range(60)]
        run_of(pipe_of(bob, "Bob's"))
        by_key(api, alice)
        seen, url = [], "/v1/dynamic/runs/"
        while url:
            page = api.get(url).json()
            seen += [run["id"] for run in page["results"]]
            url = page["next"]
        assert sorted(seen) == sorted(made)
        assert "trace" not in page["results"][0]

    def test_it_never_repeats_the_credential_in_a_link(self, api, alice):
        pipe = pipe_of(alice, "Mine")
        for _ in range(60):
            run_of(pipe)
        _, text = Key.objects.issue(alice, "K", "access_token", 1)
        page = api.get(f"/v1/dynamic/runs/?access_token={text}").json()
        assert page["next"]
        assert text not in page["next"]

    def test_it_shows_one_with_input_answer_and_trace(self, api, alice, bob):
        run, foreign = run_of(pipe_of(alice, "Mine")), run_of(pipe_of(bob, "Bob's"))
        by_key(api, alice)
        detail = api.get(f"/v1/dynamic/runs/{run.id}/").json()
        assert (detail["input"], detail["answer"]) == ({"payload": {"a": 1}}, [1])
        assert api.get(f"/v1/dynamic/runs/{foreign.id}/").status_code == 404

    def test_it_shows_both_in_the_browsable_api(self, client, alice):
        run = run_of(pipe_of(alice, "Mine"))
        client.force_login(alice)
        for path in ("", "pipes/", "runs/", f"runs/{run.id}/"):
            page = client.get(f"/v1/dynamic/{path}", headers={"Accept": "text/html"})
            assert page.status_code == 200
            assert b"<html" in page.content
