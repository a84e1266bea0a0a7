"""Credentials over REST: written and used, never read."""

import time

import pytest

from dynamic.models import Credential, IssuedToken, System
from dynamic.models.authentication import authentication
from tests.dynamic.api.conftest import problems

CANARY = "credential-canary-2f6d"
HERE = "shop/credentials/"


@pytest.fixture
def shop(alice):
    return System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="https://shop.example", auth_type="basic"
    )


@pytest.fixture
def credential(shop):
    return Credential.objects.create(
        system=shop, name="live", values={"username": "u", "secret": CANARY}
    )


@pytest.fixture
def here(credential):
    return f"{HERE}{credential.pk}/"


def values():
    return Credential.objects.get().values


class TestReading:
    def test_it_names_what_is_held_and_shows_none_of_it(self, api, credential, here):
        for path in (HERE, here):
            answer = api.ask("get", path)
            assert answer.status_code == 200
            assert CANARY not in answer.content.decode()
            assert "secret" in answer.content.decode()
        shown = answer.json()
        assert shown["values_held"] == ["secret", "username"]
        assert (shown["is_default"], shown["fits"], shown["has_token"]) == (True, True, False)
        assert "values" not in shown

    def test_it_shows_none_in_the_browsable_api(self, api, credential, here):
        api.credentials(HTTP_ACCEPT="text/html")
        for path in (HERE, here):
            assert CANARY not in api.ask("get", path).content.decode()

    def test_it_tells_of_a_token_that_is_held(self, api, alice):
        system = System.objects.create(
            owner=alice,
            slug="shop",
            name="Shop",
            base_url="https://shop.example",
            auth_type="oauth2_client",
            auth={"token_url": "https://shop.example/token"},
        )
        held = {"client_id": "c", "client_secret": CANARY}
        credential = Credential.objects.create(system=system, values=held)
        IssuedToken.objects.create(
            credential=credential,
            made_for=authentication(system, credential).recipe.made_for,
            version="1",
            answer={"access_token": CANARY},
            obtained_at=time.time(),
            expires_at=time.time() + 3600,
        )
        path = f"{HERE}{credential.pk}/"
        answer = api.ask("get", path)
        assert answer.json()["has_token"] is True
        assert answer.json()["token_expires_at"].startswith("20")
        assert CANARY not in answer.content.decode()
        # With other values it would be another token.
        changed = api.ask("patch", path, {"values": {"client_id": "d"}}).json()
        assert (changed["has_token"], changed["token_expires_at"]) == (False, None)


class TestWriting:
    def test_it_makes_one_and_the_first_is_the_default(self, api, shop):
        body = {"name": "live", "values": {"username": "u", "secret": CANARY}}
        answer = api.ask("post", HERE, body)
        assert (answer.status_code, answer.json()["is_default"]) == (201, True)
        assert CANARY not in answer.content.decode()
        assert values() == {"username": "u", "secret": CANARY}
        assert api.ask("post", HERE, body | {"name": "test"}).json()["is_default"] is False

    def test_it_takes_none_where_none_is_asked_for(self, api, shop):
        System.objects.update(auth_type="none", base_url="")
        body = {"name": "north", "base_url": "https://north.example"}
        assert api.ask("post", HERE, body).status_code == 201
        assert "base_url" in problems(api.ask("post", HERE, {"name": "south"}))

    def test_it_keeps_values_that_a_patch_leaves_out(self, api, credential, here):
        api.ask("patch", here, {"values": {"username": "v"}})
        assert values() == {"username": "v", "secret": CANARY}
        assert api.ask("patch", here, {"name": "main"}).status_code == 200
        assert values() == {"username": "v", "secret": CANARY}

    def test_it_removes_a_value_that_is_null(self, api, credential, here):
        answer = api.ask("patch", here, {"values": {"secret": None}})
        assert answer.json()["values_held"] == ["username"]
        assert values() == {"username": "u"}

    def test_it_puts_values_in_place_of_all(self, api, credential, here):
        body = {"name": "live", "values": {"username": "w"}}
        assert api.ask("put", here, body).status_code == 200
        assert values() == {"username": "w"}

    def test_it_loses_no_value_by_a_put_that_names_none(self, api, credential, here):
        assert api.ask("put", here, api.ask("get", here).json()).status_code == 200
        assert values() == {"username": "u", "secret": CANARY}

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"values": {"username": ""}}, "values"),
            ({"values": {"username": None}}, "values"),
            ({"values": {"secret": 5}}, "values"),
            ({"values": {"colour": "red"}}, "values"),
            ({"values": CANARY}, "values"),
            ({"values": [CANARY]}, "values"),
            ({"values": None}, "values"),
            ({"values": {"secret": f"{CANARY}\n"}}, "values"),
            ({"base_url": "ftp://shop.example"}, "base_url"),
            ({"name": ""}, "name"),
            ({"system": "other"}, "system"),
        ],
    )
    def test_it_says_what_is_wrong_without_repeating_it(self, api, credential, here, body, path):
        answer = api.ask("patch", here, body)
        assert list(problems(answer)) == [path]
        assert CANARY not in answer.content.decode()
        assert values() == {"username": "u", "secret": CANARY}

    def test_it_gives_a_name_once(self, api, credential):
        assert "name" in problems(api.ask("post", HERE, {"name": "live", "values": {}}))

    def test_it_makes_another_the_default(self, api, credential):
        other = Credential.objects.create(
            system=credential.system, name="test", is_default=False, values=credential.values
        )
        answer = api.ask("post", f"{HERE}{other.pk}/default/")
        assert answer.json()["is_default"] is True
        credential.refresh_from_db()
        assert credential.is_default is False

    def test_it_deletes_the_default_only_as_the_last(self, api, credential, here):
        other = Credential.objects.create(
            system=credential.system, name="test", is_default=False, values=credential.values
        )
        answer = api.ask("delete", here)
        assert (answer.status_code, answer.json()["code"]) == (409, "is_default")
        assert api.ask("delete", f"{HERE}{other.pk}/").status_code == 204
        assert api.ask("delete", here).status_code == 204


class TestWho:
    def test_it_hides_them_from_others(self, bobs, bob, credential, here):
        System.objects.create(owner=bob, slug="mine", name="Mine")
        for path in (HERE, here, f"{here}default/", f"mine/credentials/{credential.pk}/"):
            method = "post" if path.endswith("default/") else "get"
            assert bobs.ask(method, path).status_code == 404
        assert bobs.ask("delete", here).status_code == 404
        assert Credential.objects.count() == 1

    @pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
    def test_it_shows_a_key_not_even_which_there_are(self, by_key, credential, here, method):
        for path in (HERE, here):
            answer = by_key().ask(method, path, {})
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
