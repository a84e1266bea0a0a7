"""REST of keys: by session and password for a person, about itself for a key."""

import base64

import pytest
from rest_framework.test import APIClient

from apikeys import denials
from apikeys.models import Key, KeyEvent, KeyUse, Policy
from tests.apikeys.test_key_pages import pipe_of, use
from tests.conftest import PASSWORD

URL = "/v1/account/api-keys/"
CREATE = {"name": "ERP", "password": PASSWORD}


@pytest.fixture
def api(alice):
    client = APIClient()
    client.force_login(alice)
    return client


@pytest.fixture
def key(alice):
    return Key.objects.issue(alice, "ERP", "access_token", 30)[0]


def post(api, path, **body):
    return api.post(URL + path, body, format="json")


def of(key, path=""):
    return f"{key.public_id}/{path}"


def problems_of(response):
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "invalid_input"
    return [problem["path"] for problem in response.json()["problems"]]


class TestCreate:
    @pytest.mark.parametrize("kind", ["access_token", "jwt"])
    def test_it_makes_a_key_that_works(self, api, alice, kind):
        response = post(api, "", **CREATE, kind=kind, days=0)
        assert response.status_code == 201
        made = response.json()
        assert (made["state"], made["expires_at"], made["use"]) == ("live", None, None)
        itself = APIClient().get(
            f"{URL}self/", headers={"Authorization": f"Bearer {made['secret']}"}
        )
        assert itself.json()["public_id"] == made["public_id"]
        assert [event.kind for event in alice.keys.get().events.all()][:2] == ["created", "shown"]

    def test_it_shows_the_secret_in_no_other_answer(self, api):
        secret = post(api, "", **CREATE).json()["secret"]
        public_id = Key.objects.get().public_id
        for path in ("", f"{public_id}/", f"{public_id}/events/"):
            assert secret[15:] not in api.get(URL + path).content.decode()

    def test_it_keeps_the_limits(self, api, alice):
        pipe = pipe_of(alice, "Stock")
        limits = {
            "pipes": [pipe.pk],
            "networks": ["192.0.2.1", "::ffff:10.0.0.0/104"],
            "can_write": False,
            "query_allowed": False,
            "calls_per_minute": 5,
        }
        made = post(api, "", **CREATE, **limits).json()
        assert {name: made[name] for name in limits} == limits | {
            "networks": ["192.0.2.1/32", "10.0.0.0/8"]
        }

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"name": ""}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"days": 3651}, "days"),
            ({"days": "soon"}, "days"),
            ({"kind": "rsa"}, "kind"),
            ({"pipes": ["0" * 24]}, "pipes"),
            ({"pipes": "all"}, "pipes"),
            ({"networks": ["10.0.0.1/8"]}, "networks"),
            ({"networks": [{}]}, "networks[0]"),
            ({"calls_per_minute": 0}, "calls_per_minute"),
            ({"netwroks": []}, "netwroks"),
            ({"password": ""}, "password"),
        ],
    )
    def test_it_says_what_is_wrong(self, api, body, path):
        assert problems_of(post(api, "", **(CREATE | body))) == [path]
        assert not Key.objects.exists()

    @pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"1"])
    def test_it_says_that_the_body_is_no_object(self, api, body):
        response = api.post(URL, body, content_type="application/json")
        assert response.json()["code"] == "invalid_input"

    @pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"days": NaN}', b'"\xff"'])
    def test_it_says_that_the_body_is_no_json(self, api, body):
        response = api.post(URL, body, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (400, "invalid_body")

    def test_it_grants_nobody_elses_pipe(self, api, bob):
        assert problems_of(post(api, "", **CREATE, pipes=[pipe_of(bob, "B").pk])) == ["pipes"]

    def test_it_heeds_the_policy(self, api):
        Policy.objects.create(pk=1, longest_days=60, most_keys=1)
        assert problems_of(post(api, "", **CREATE, days=61)) == ["days"]
        assert post(api, "", **CREATE, days=60).status_code == 201
        assert "revoke one first" in post(api, "", **CREATE, days=60).content.decode()


class TestPassword:
    @pytest.mark.parametrize("path", ["", "{}/rotate/"])
    def test_it_refuses_a_wrong_one(self, api, key, path):
        body = {"password": "wrong"} | ({"name": "K"} if not path else {})
        response = post(api, path.format(key.public_id), **body)
        assert (response.status_code, response.json()["code"]) == (403, "wrong_password")
        assert Key.objects.count() == 1

    def test_it_limits_guesses_together_with_the_sign_in(self, api, key):
        for _ in range(6):
            response = post(api, of(key, "rotate/"), password="wrong")
        assert (response.status_code, response.json()["code"]) == (429, "too_many_attempts")
        assert response["Retry-After"] == "300"
        assert post(api, of(key, "rotate/"), password=PASSWORD).status_code == 429

    def test_it_wants_none_for_what_takes_away(self, api, alice, key):
        use(key)
        assert post(api, of(key, "narrow/")).status_code == 200
        assert post(api, of(key, "revoke/")).json()["state"] == "revoked"
        Key.objects.issue(alice, "K", "jwt", 1)
        assert post(api, "revoke-all/").json() == {"revoked": 1}

    def test_it_wants_the_token_against_forged_requests(self, alice):
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(alice)
        assert post(client, "", **CREATE).status_code == 403
        assert not Key.objects.exists()


class TestChange:
    def test_it_changes_what_is_named_and_nothing_else(self, api, key):
        response = api.patch(
            URL + of(key), {"networks": ["10.0.0.0/8"], "password": PASSWORD}, format="json"
        )
        assert response.json()["networks"] == ["10.0.0.0/8"]
        key.refresh_from_db()
        assert (key.name, key.pipes, key.can_write) == ("ERP", None, True)

    def test_it_changes_no_key_that_has_ended(self, api, alice, key):
        key.revoke(alice)
        body = {"name": "New", "password": PASSWORD}
        assert api.patch(URL + of(key), body, format="json").status_code == 404

    @pytest.mark.parametrize("method", ["put", "delete"])
    def test_it_takes_no_other_method(self, api, key, method):
        response = getattr(api, method)(URL + of(key))
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


class TestRotate:
    def test_it_makes_a_successor_once(self, api, key):
        body = {"grace_hours": 1, "password": PASSWORD}
        made = post(api, of(key, "rotate/"), **body)
        assert made.status_code == 201
        assert made.json()["predecessor"] == key.public_id
        again = post(api, of(key, "rotate/"), **body)
        assert (again.status_code, again.json()["code"]) == (409, "cannot_rotate")
        assert made.json()["public_id"] in again.json()["detail"]
        assert api.get(URL + of(key)).json()["state"] == "replaced"
        assert Key.objects.count() == 2

    def test_it_takes_a_grace_of_a_week_at_most(self, api, key):
        body = {"grace_hours": 169, "password": PASSWORD}
        assert problems_of(post(api, of(key, "rotate/"), **body)) == ["grace_hours"]


class TestRead:
    def test_it_lists_ones_own_newest_first_in_pages(self, api, alice, bob):
        for number in range(60):
            Key.objects.issue(alice, f"K{number}", "access_token", 1)
        Key.objects.issue(bob, "Bob's", "access_token", 1)
        seen, url = [], URL
        while url:
            page = api.get(url).json()
            seen += [key["name"] for key in page["results"]]
            url = page["next"]
        assert len(seen) == 60
        assert set(seen) == {f"K{number}" for number in range(60)}

    def test_it_lists_those_in_a_state(self, api, alice):
        live, ended = (Key.objects.issue(alice, "K", "access_token", 1)[0] for _ in range(2))
        ended.revoke(alice)
        names = {}
        for state in ("live", "replaced", "retired", "expired", "revoked"):
            found = api.get(URL, {"state": state}).json()["results"]
            assert all(key["state"] == state for key in found)
            names[state] = [key["public_id"] for key in found]
        assert names["live"] == [live.public_id]
        assert names["revoked"] == [ended.public_id]
        assert problems_of(api.get(URL, {"state": "x"})) == ["state"]

    @pytest.mark.parametrize("cursor", [b"p=x", b"p=\0", b"p=2026-13-45", b"\xff"])
    def test_it_says_that_a_cursor_is_none_of_ours(self, api, cursor):
        forged = base64.b64encode(cursor).decode()
        response = api.get(URL, {"cursor": forged})
        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    def test_it_knows_nothing_of_others(self, api, bob):
        foreign, _ = Key.objects.issue(bob, "Bob's", "access_token", 1)
        denied = denials.Denial(foreign.public_id, "network", "a" * 32, "", "", foreign.created_at)
        denials.write([denied])
        for path in ("", "events/", "unused/"):
            assert api.get(URL + of(foreign, path)).status_code == 404
        for path in ("rotate/", "revoke/", "narrow/"):
            body = {"password": PASSWORD} if path == "rotate/" else {}
            assert post(api, of(foreign, path), **body).status_code == 404
        assert api.get(f"{URL}denials/{'a' * 32}/").status_code == 404
        foreign.refresh_from_db()
        assert foreign.state == "live"

    def test_it_tells_what_happened(self, api, key):
        denied = denials.Denial(key.public_id, "network", "a" * 32, "", "", key.created_at)
        denials.write([denied])
        events = api.get(URL + of(key, "events/")).json()["results"]
        assert [event["kind"] for event in events] == ["denied", "created"]
        assert api.get(f"{URL}denials/{'a' * 32}/").json()["reason"] == "network"

    def test_it_tells_what_was_never_used(self, api, alice, key):
        pipe = pipe_of(alice, "Idle")
        assert api.get(URL + of(key, "unused/")).status_code == 404
        use(key, read_at=key.created_at)
        unused = api.get(URL + of(key, "unused/")).json()
        assert (unused["pipes"], unused["read"], unused["write"]) == (
            {pipe.pk: "Idle"},
            False,
            True,
        )


class TestKeys:
    """What a key may do with keys: read itself, and nothing more."""

    @pytest.fixture
    def by_key(self, alice):
        _, text = Key.objects.issue(alice, "K", "access_token", 1)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    def test_it_reads_itself(self, by_key):
        assert by_key.get(f"{URL}self/").json()["name"] == "K"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("get", ""),
            ("post", ""),
            ("get", "{}/"),
            ("patch", "{}/"),
            ("get", "{}/events/"),
            ("post", "{}/rotate/"),
            ("post", "{}/revoke/"),
            ("post", "{}/narrow/"),
            ("post", "revoke-all/"),
            ("get", f"denials/{'a' * 32}/"),
        ],
    )
    def test_it_manages_no_keys(self, by_key, method, path):
        body = {"name": "More", "password": PASSWORD}
        path = URL + path.format(Key.objects.get().public_id)
        response = getattr(by_key, method)(path, body if method != "get" else None)
        assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
        assert [(key.name, key.state) for key in Key.objects.all()] == [("K", "live")]

    def test_it_counts_its_uses(self, by_key):
        by_key.get(f"{URL}self/")
        assert KeyUse.objects.get().address == "127.0.0.1"
        assert KeyEvent.objects.filter(kind="first_used").count() == 1

    def test_it_tells_no_person_about_itself(self, api):
        assert api.get(f"{URL}self/").status_code == 403


def test_it_shows_all_of_it_in_the_browsable_api(api, key):
    for path in ("", of(key), of(key, "events/"), of(key, "rotate/")):
        response = api.get(URL + path, headers={"Accept": "text/html"})
        assert b"<html" in response.content
        assert response["Cache-Control"] == "no-store"
