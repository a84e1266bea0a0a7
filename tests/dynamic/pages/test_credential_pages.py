"""The pages of credentials, as Alice uses them: what goes in never comes out."""

from urllib.parse import parse_qs, urlsplit

import pytest

from dynamic.models import Consent, Credential, IssuedToken
from dynamic.models.authentication import authentication
from tests.dynamic.pages.test_system_pages import CANARY, NAMED, make, page
from tests.page_text import text_of

BASIC = {"name": "Second", "values-username": "me", "values-secret": CANARY}
CODE = {
    "authorize_url": "https://shop.example.com/authorize",
    "token_url": "https://shop.example.com/token",
}
CALLBACK = "/systems/oauth/callback/"


@pytest.fixture
def system(alice):
    return make(alice, auth_type="basic", values={"username": CANARY, "secret": CANARY})


@pytest.fixture
def erp(alice):
    call = {"name": "login", "url": "/login"}
    values = {"user": CANARY, "password": CANARY}
    return make(alice, "erp", "token", values, auth={"calls": [call]})


@pytest.fixture
def shop(alice):
    values = {"client_id": "us", "client_secret": CANARY}
    return make(alice, "shop", "oauth2_code", values, auth=CODE)


def of(system):
    return system.credentials.get(name="default")


def url_of(name, system):
    return page(f"credential_{name}", system.slug, of(system).pk)


def held(credential, **fields):
    recipe = authentication(credential.system, credential).recipe
    fields = {"version": "1", "answer": {"access_token": CANARY}, **fields}
    IssuedToken.objects.create(credential=credential, made_for=recipe.made_for, **fields)


class TestCreate:
    def test_it_adds_one_that_is_not_the_default(self, signed_in, system):
        url = page("credential_create", "shop")
        assert "Base URL" not in text_of(signed_in.get(url))
        response = signed_in.post(url, BASIC, follow=True)
        assert "The credential “Second” is saved." in text_of(response)
        assert CANARY not in text_of(response)
        second = system.credentials.get(name="Second")
        assert second.values == {"username": "me", "secret": CANARY}
        assert not second.is_default

    def test_it_makes_the_first_one_the_default(self, signed_in, alice):
        system = make(alice, auth_type="basic")
        assert 'value="default"' in text_of(signed_in.get(page("credential_create", "shop")))
        signed_in.post(page("credential_create", "shop"), BASIC)
        assert system.credentials.get().is_default

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"name": ""}, "This field is required"),
            ({"name": "default"}, "Another credential of this system has this name."),
            ({"values-username": ""}, "This field is required"),
            ({"values-username": "a:b"}, "cannot hold a colon"),
        ],
    )
    def test_it_says_what_is_wrong(self, signed_in, system, change, told):
        text = text_of(signed_in.post(page("credential_create", "shop"), BASIC | change))
        assert told in text
        assert "type them again" in text
        assert CANARY not in text
        assert system.credentials.count() == 1

    def test_it_asks_for_the_base_url_where_the_system_has_none(self, signed_in, alice):
        system = make(alice, auth_type="basic", base_url="")
        url = page("credential_create", "shop")
        for wrong in ("", "ftp://a.example"):
            assert signed_in.post(url, BASIC | {"base_url": wrong}).status_code == 200
        signed_in.post(url, BASIC | {"base_url": "https://a.example"})
        assert system.credentials.get().base_url == "https://a.example"

    def test_it_gives_a_base_url_to_a_system_that_asks_for_nothing(self, signed_in, alice):
        system = make(alice, base_url="")
        form = {"name": "north", "base_url": "https://north.example"}
        signed_in.post(page("credential_create", "shop"), form)
        assert system.credentials.get().base_url == "https://north.example"

    def test_it_is_never_cached(self, signed_in, system):
        for url in (page("credential_create", "shop"), url_of("edit", system)):
            assert "no-store" in signed_in.get(url)["Cache-Control"]


class TestChange:
    def test_it_shows_nothing_that_is_stored(self, signed_in, system):
        text = text_of(signed_in.get(url_of("edit", system)))
        assert "Stored. Leave it empty to keep it." in text
        assert CANARY not in text
        assert 'autocomplete="new-password"' in text

    def test_it_keeps_what_is_left_empty(self, signed_in, system):
        signed_in.post(url_of("edit", system), {"name": "default", "values-secret": "new"})
        assert of(system).values == {"username": CANARY, "secret": "new"}

    def test_it_removes_a_secret_that_is_not_needed(self, signed_in, system):
        form = {"name": "default", "values-remove_secret": "on"}
        signed_in.post(url_of("edit", system), form)
        assert of(system).values == {"username": CANARY}

    def test_it_forgets_what_another_kind_of_authentication_needed(self, signed_in, system):
        system.auth_type, system.auth = "header", {"name": "X-Key"}
        system.save()
        url = url_of("edit", system)
        signed_in.post(url, {"name": "default", "values-secret": ""})
        assert of(system).values == {"secret": CANARY}


class TestNamedValues:
    FORM = NAMED | {"name": "default", "values-0-value": ""}

    def test_it_shows_the_names_and_never_the_values(self, signed_in, erp):
        text = text_of(signed_in.get(url_of("edit", erp)))
        assert 'value="password"' in text
        assert 'name="values-4-name"' in text  # three blank rows more
        assert CANARY not in text

    def test_it_adds_replaces_removes_and_keeps(self, signed_in, erp):
        form = {
            "name": "default",
            "values-TOTAL_FORMS": "5",
            "values-INITIAL_FORMS": "2",
            "values-0-name": "user",
            "values-0-remove": "on",
            "values-1-name": "password",
            "values-2-name": "tenant",
            "values-2-value": "7",
        }
        signed_in.post(url_of("edit", erp), form)
        assert of(erp).values == {"password": CANARY, "tenant": "7"}
        signed_in.post(url_of("edit", erp), form | {"values-1-value": "new"})
        assert of(erp).values["password"] == "new"

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"values-0-name": "1st", "values-0-value": "a"}, "no digit first"),
            ({"values-0-name": "fresh"}, "Give it a value."),
            ({"values-0-name": "", "values-0-value": CANARY}, "Give it a name"),
            ({"values-TOTAL_FORMS": ""}, "ManagementForm data is missing"),
        ],
    )
    def test_it_says_what_is_wrong(self, signed_in, erp, change, told):
        text = text_of(signed_in.post(url_of("edit", erp), self.FORM | change))
        assert told in text
        assert CANARY not in text
        assert of(erp).values == {"user": CANARY, "password": CANARY}


class TestDefault:
    def test_it_makes_another_one_the_default(self, signed_in, system):
        second = system.credentials.create(name="Second", is_default=False, values={})
        url = page("credential_default", "shop", second.pk)
        assert signed_in.get(url).status_code == 405
        signed_in.post(url)
        assert [one.name for one in system.credentials.filter(is_default=True)] == ["Second"]


class TestDelete:
    def test_it_asks_first(self, signed_in, system):
        url = url_of("delete", system)
        assert "This cannot be undone" in text_of(signed_in.get(url))
        assert signed_in.post(url).url == page("detail", "shop")
        assert not system.credentials.exists()

    def test_it_lets_no_other_credential_stand_in_for_the_default(self, signed_in, system):
        system.credentials.create(name="Second", is_default=False, values={})
        text = text_of(signed_in.post(url_of("delete", system)))
        assert "Make another one the default first" in text
        assert system.credentials.count() == 2


class TestTokens:
    def test_it_tells_whether_a_token_is_held_and_until_when(self, signed_in, erp):
        detail = page("detail", "erp")
        assert "No token yet" in text_of(signed_in.get(detail))
        held(of(erp), expires_at=1_900_000_000.0)
        text = text_of(signed_in.get(detail))
        assert "Token until 17 Mar 2030, 17:46 UTC" in text
        assert CANARY not in text

    def test_it_counts_no_token_that_was_obtained_with_other_values(self, signed_in, erp):
        held(of(erp))
        assert "Holds a token" in text_of(signed_in.get(page("detail", "erp")))
        Credential.objects.update(values={"user": "another"})
        assert "No token yet" in text_of(signed_in.get(page("detail", "erp")))

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"expires_at": 1.0}, "Access ended on 1 Jan 1970"),
            ({"expires_at": 1.0, "answer": {"refresh_token": "r"}}, "renewed with the next call"),
            ({"expires_at": 1e300}, "Token until 31 Dec 9999"),
            ({"expires_at": None}, "Holds a token"),
        ],
    )
    def test_it_tells_what_became_of_an_access(self, signed_in, shop, fields, told):
        assert "not connected yet" in text_of(signed_in.get(page("detail", "shop")))
        held(of(shop), **fields)
        assert told in text_of(signed_in.get(page("detail", "shop")))


class TestConnect:
    def test_it_names_the_host_that_a_person_is_sent_to(self, signed_in, shop, alice):
        assert signed_in.get(url_of("connect", shop)).status_code == 405
        response = signed_in.post(url_of("connect", shop))
        text = text_of(response)
        assert "Continue to shop.example.com" in text
        assert "no-store" in response["Cache-Control"]
        assert CANARY not in text
        assert Consent.objects.get().user == alice

    def test_it_says_where_nobody_has_to_allow_anything(self, signed_in, system):
        response = signed_in.post(url_of("connect", system), follow=True)
        assert "Nobody has to allow access" in text_of(response)

    def test_it_comes_back_without_repeating_the_code(self, signed_in, shop):
        link = signed_in.post(url_of("connect", shop)).context["url"]
        state = parse_qs(urlsplit(link).query)["state"][0]
        came = {"state": state, "error": "access_denied"}
        response = signed_in.get(CALLBACK, came)
        assert response.url == page("list")
        assert response["Referrer-Policy"] == "same-origin"
        assert "did not allow access: access_denied" in text_of(signed_in.get(response.url))
        again = signed_in.get(CALLBACK, {"state": state, "code": CANARY}, follow=True)
        assert "belongs to no connection that you began" in text_of(again)
        assert CANARY not in text_of(again)
        assert all(CANARY not in url for url, _ in again.redirect_chain)

    def test_it_loses_the_code_of_who_was_signed_out_meanwhile(self, client):
        response = client.get(CALLBACK, {"state": "s", "code": CANARY})
        assert response.url == "/account/sign-in/"
        assert "choose Connect again" in text_of(client.get(response.url))

    def test_it_takes_nobody_elses_consent(self, client, signed_in, shop, bob):
        link = signed_in.post(url_of("connect", shop)).context["url"]
        state = parse_qs(urlsplit(link).query)["state"][0]
        client.force_login(bob)
        response = client.get(CALLBACK, {"state": state, "code": "c"}, follow=True)
        assert "belongs to no connection that you began" in text_of(response)
        assert Consent.objects.exists()


@pytest.mark.parametrize("name", ["edit", "delete", "default", "connect"])
class TestPermission:
    def test_it_shows_bob_no_more_than_nothing(self, client, system, bob, name):
        client.force_login(bob)
        make(bob, "own")
        for slug in ("shop", "own"):  # nor by way of a system of his own
            url = page(f"credential_{name}", slug, of(system).pk)
            assert client.post(url, BASIC).status_code == 404
            assert client.get(url).status_code in {404, 405}
        assert client.get(page("credential_create", "shop")).status_code == 404
        assert client.post(page("credential_create", "shop"), BASIC).status_code == 404
        assert of(system).values == {"username": CANARY, "secret": CANARY}

    def test_it_asks_strangers_to_sign_in(self, client, system, name):
        assert client.post(url_of(name, system)).url.startswith("/account/sign-in/")
