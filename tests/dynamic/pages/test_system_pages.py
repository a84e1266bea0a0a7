"""The pages of systems, as Alice uses them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dynamic.models import ApiCall, Credential, Health, System
from dynamic.models.auth_types import AUTH_TYPES
from tests.page_text import text_of
from tests.upstream import WAREHOUSE

LIST, NEW = "/systems/", "/systems/new/"
CANARY = "canary-of-a-secret-9a3e"
VALUES = {"username": "me", "secret": CANARY}
GENERAL = {"name": "Shop", "base_url": "https://shop.example.com/v1", "where": "same"}
LOGIN = {
    "auth-calls-0-name": "login",
    "auth-calls-0-method": "POST",
    "auth-calls-0-url": "/login",
    "auth-calls-0-body_kind": "json",
    "auth-calls-0-body_json": '{"user": "{{ credential.user }}"}',
    "auth-calls-INITIAL_FORMS": "0",
    "auth-calls-TOTAL_FORMS": "1",
    "auth-place": "header",
    "auth-name": "Authorization",
    "auth-value": "Bearer {{ token.access_token }}",
    "auth-lifetime": "",
}
NAMED = {
    "values-TOTAL_FORMS": "3",
    "values-INITIAL_FORMS": "0",
    "values-0-name": "user",
    "values-0-value": CANARY,
}
# For each type: what a person fills in, the settings and the values that come of it.
_OAUTH2 = {
    "auth-token_url": "https://shop.example.com/token",
    "auth-client_auth": "basic",
    "auth-name": "Authorization",
    "auth-prefix": "Bearer ",
    "auth-params": "audience::shop",
    "values-client_id": "us",
    "values-client_secret": CANARY,
}
FILLED = {
    "none": {},
    "header": {"auth-name": "X-Api-Key", "auth-prefix": "Key ", "values-secret": CANARY},
    "query": {"auth-name": "api_key", "values-secret": CANARY},
    "basic": {"values-username": "me", "values-secret": CANARY},
    "token": LOGIN | NAMED,
    "oauth2_client": _OAUTH2,
    "oauth2_password": _OAUTH2 | {"values-username": "me", "values-password": CANARY},
    "oauth2_code": _OAUTH2 | {"auth-authorize_url": "https://shop.example.com/authorize"},
    "oauth1": {
        "auth-signature_method": "HMAC-SHA256",
        "values-consumer_key": "us",
        "values-consumer_secret": CANARY,
    },
}


@pytest.fixture
def system(alice):
    return make(alice)


def make(owner, slug="shop", auth_type="none", values=None, **fields):
    fields = {"name": slug.title(), "base_url": "https://shop.example.com", **fields}
    system = System(owner=owner, slug=slug, auth_type=auth_type, **fields)
    system.full_clean()
    system.save()
    if values:
        system.credentials.create(values=values)
    return system


def page(name, *args):
    return reverse(f"systems:{name}", args=args)


def create(client, type_, **changes):
    return client.post(f"{NEW}?type={type_}", GENERAL | FILLED[type_] | changes)


class TestList:
    def test_it_asks_strangers_to_sign_in(self, client):
        assert client.get(LIST).url.startswith("/account/sign-in/")

    def test_it_says_what_a_system_is_where_there_is_none(self, signed_in):
        text = text_of(signed_in.get(LIST))
        assert "A system is something with an HTTP API" in text
        assert NEW in text

    def test_it_shows_ones_own_with_what_matters(self, signed_in, alice, bob):
        shop = make(alice, auth_type="basic", health_minutes=5)
        ApiCall.objects.create(system=shop, slug="a", name="A")
        Health.objects.create(system=shop, is_up=False, since=timezone.now() - timedelta(days=1))
        make(alice, "erp", base_url="")
        make(bob, "foreign")
        text = text_of(signed_in.get(LIST))
        for shown in (
            "Shop",
            "https://shop.example.com",
            "Basic: user name",
            "down",
            "not checked",
        ):
            assert shown in text
        assert "Foreign" not in text

    def test_it_keeps_archived_ones_apart(self, signed_in, alice):
        make(alice, "put-away", archived_at=timezone.now())
        make(alice, "young")
        assert "Put-Away" not in text_of(signed_in.get(LIST))
        assert "Archived\xa0systems\xa0(1)" in text_of(signed_in.get(LIST))
        archived = text_of(signed_in.get(f"{LIST}?archived"))
        assert "Put-Away" in archived
        assert "Young" not in archived

    def test_it_finds_by_every_word_of_name_slug_or_url(self, signed_in, alice):
        for number in range(12):
            make(alice, f"shop-{number}", base_url=f"https://host{number}.example.com")
        assert "Search" in text_of(signed_in.get(LIST))
        found = text_of(signed_in.get(f"{LIST}?q=shop-7+HOST7"))
        assert "Shop-7" in found
        assert "Shop-8" not in found
        assert "None of them fits" in text_of(signed_in.get(f"{LIST}?q=shop-7+host8"))

    def test_it_takes_as_many_queries_for_two_hundred(
        self, signed_in, alice, django_assert_max_num_queries
    ):
        System.objects.bulk_create(
            System(owner=alice, slug=f"s{n:03}", name=f"S {n:03}", base_url="https://a.example")
            for n in range(200)
        )
        with django_assert_max_num_queries(7):
            first = text_of(signed_in.get(LIST))
        assert "S 049" in first
        assert "S 050" not in first
        assert "S 199" in text_of(signed_in.get(f"{LIST}?page=4"))
        assert 'href="?q=s&page=2"' in text_of(signed_in.get(f"{LIST}?q=s"))


class TestCreate:
    def test_it_offers_every_kind_of_authentication(self, signed_in):
        text = text_of(signed_in.get(NEW))
        for type_ in AUTH_TYPES.values():
            assert type_.label in text
            assert type_.about in text
            assert f"?type={type_.value}" in text

    @pytest.mark.parametrize("type_", AUTH_TYPES)
    def test_it_makes_one_of_each_kind(self, signed_in, alice, type_):
        assert signed_in.get(f"{NEW}?type={type_}").status_code == 200
        response = create(signed_in, type_)
        assert response.status_code == 302, text_of(response)
        system = alice.systems.get()
        system.full_clean()
        assert (system.slug, system.auth_type) == ("shop", type_)
        assert [one.is_default for one in system.credentials.all()] == [True] * (type_ != "none")
        for credential in system.credentials.all():
            credential.full_clean()
            assert CANARY in credential.values.values()
        text = text_of(signed_in.get(response.url))
        assert "is made. Test its connection next." in text
        assert CANARY not in text
        assert CANARY not in str(dict(signed_in.session))
        assert CANARY not in str(signed_in.cookies)

    def test_it_keeps_the_blank_after_a_prefix(self, signed_in, alice):
        create(signed_in, "header")
        assert alice.systems.get().auth == {"name": "X-Api-Key", "prefix": "Key "}

    def test_it_keeps_rows_of_more_parameters(self, signed_in, alice):
        create(signed_in, "oauth2_client")
        row = {"label": "", "key": "audience", "value": "shop"}
        assert alice.systems.get().auth["params"] == [row]

    def test_it_makes_the_slug_of_the_name(self, signed_in, alice):
        for _ in range(2):
            create(signed_in, "none", name="New")
        assert {one.slug for one in alice.systems.all()} == {"new-2", "new-3"}

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"slug": "new"}, "is a word of our own URLs"),
            ({"slug": "oauth"}, "is a word of our own URLs"),
            ({"slug": "taken"}, "“Taken” has this slug. It is archived."),
            ({"slug": "a b"}, "valid “slug”"),
            ({"name": "店"}, "letters a to z"),
            ({"base_url": ""}, "Write where it is"),
            ({"base_url": "ftp://shop.example.com"}, "http"),
            ({"values-username": ""}, "This field is required"),
            ({"values-username": "a:b"}, "cannot hold a colon"),
        ],
    )
    def test_it_says_what_is_wrong_and_makes_nothing(self, signed_in, alice, change, told):
        make(alice, "taken", archived_at=timezone.now())
        response = create(signed_in, "basic", **change)
        assert response.status_code == 200
        assert told in text_of(response)
        assert "type them again" in text_of(response)
        assert CANARY not in text_of(response)
        assert alice.systems.count() == 1
        assert not Credential.objects.exists()

    def test_it_gives_each_credential_its_own_base_url(self, signed_in, alice):
        for type_ in ("basic", "none"):
            create(signed_in, type_, where="own", slug=type_)
            system = alice.systems.get(slug=type_)
            assert system.base_url == ""
            assert system.credentials.get().base_url == "https://shop.example.com/v1"

    def test_it_is_never_cached(self, signed_in):
        assert "no-store" in signed_in.get(f"{NEW}?type=basic")["Cache-Control"]


class TestTokenCalls:
    def test_it_adds_a_call_and_loses_nothing_that_was_typed(self, signed_in, alice):
        response = create(signed_in, "token", add_call="1", name="", description="Typed")
        text = text_of(response)
        for typed in ("Typed", "/login", '{"user": "{{ credential.user }}"}', 'value="user"'):
            assert typed in text
        assert "This field is required" not in text
        assert 'name="auth-calls-1-url"' in text
        assert 'name="auth-calls-2-url"' not in text
        assert CANARY not in text
        assert not alice.systems.exists()

    def test_it_keeps_what_was_typed_where_it_is_wrong(self, signed_in):
        wrong = {"auth-calls-0-body_json": '{"user": }', "auth-calls-0-headers": "A::b"}
        text = text_of(create(signed_in, "token", **wrong))
        assert "It is no JSON from line 1" in text
        assert '{"user": }' in text
        assert "A::b" in text

    def test_it_keeps_bodies_of_each_kind(self, signed_in, alice):
        bodies = {"form": "user::{{ credential.user }}", "text": "a\r\nb", "xml": "<a/>"}
        for kind, body in bodies.items():
            field = "body_text" if kind == "xml" else f"body_{kind}"
            create(
                signed_in,
                "token",
                slug=kind,
                **{"auth-calls-0-body_kind": kind, f"auth-calls-0-{field}": body},
            )
        stored = {one.slug: one.auth["calls"][0]["body"] for one in alice.systems.all()}
        row = {"label": "", "key": "user", "value": "{{ credential.user }}"}
        assert stored == {"form": [row], "text": "a\nb", "xml": "<a/>"}

    def test_it_removes_a_call_by_its_box(self, signed_in, alice):
        create(signed_in, "token")
        url = page("auth", "shop")
        assert "/login" in text_of(signed_in.get(url))
        second = {key.replace("-0-", "-1-"): text for key, text in LOGIN.items() if "-0-" in key}
        two = LOGIN | second | {"auth-calls-TOTAL_FORMS": "2", "auth-calls-1-name": "next"}
        assert signed_in.post(url, two).status_code == 302
        assert [call["name"] for call in alice.systems.get().auth["calls"]] == ["login", "next"]
        assert signed_in.post(url, two | {"auth-calls-0-DELETE": "on"}).status_code == 302
        assert [call["name"] for call in alice.systems.get().auth["calls"]] == ["next"]

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"auth-calls-0-DELETE": "on"}, "Give 1 to 10 token calls."),
            ({"auth-calls-0-url": ""}, "This field is required"),
            ({"auth-calls-0-name": "1st"}, "no digit first"),
            ({"auth-calls-0-url": "/{{ nothing( }}"}, "Token call 1"),
            ({"auth-calls-TOTAL_FORMS": "x"}, "Give 1 to 10 token calls."),
        ],
    )
    def test_it_says_what_is_wrong_with_a_call(self, signed_in, alice, change, told):
        assert told in text_of(create(signed_in, "token", **change))
        assert not alice.systems.exists()

    def test_it_refuses_two_of_one_name(self, signed_in, alice):
        second = {key.replace("-0-", "-1-"): text for key, text in LOGIN.items() if "-0-" in key}
        two = {**second, "auth-calls-TOTAL_FORMS": "2"}
        assert "have the same name" in text_of(create(signed_in, "token", **two))

    def test_it_stops_at_ten(self, signed_in):
        calls = {"auth-calls-TOTAL_FORMS": "10", "add_call": "1"}
        text = text_of(create(signed_in, "token", **calls))
        assert 'name="auth-calls-9-url"' in text
        assert 'name="auth-calls-10-url"' not in text
        assert "Add a call" not in text


class TestDetail:
    def test_it_tells_all_but_secrets(self, signed_in, alice):
        system = make(alice, auth_type="basic", values={"username": CANARY, "secret": CANARY})
        ApiCall.objects.create(system=system, slug="a", name="List orders", path="/orders")
        text = text_of(signed_in.get(page("detail", "shop")))
        for shown in ("https://shop.example.com", "30 s to connect", "default", "List orders"):
            assert shown in text
        assert CANARY not in text

    def test_it_tells_why_it_is_down(self, signed_in, alice):
        system = make(alice, health_minutes=5)
        Health.objects.create(system=system, is_up=False, message="It does not answer.")
        text = text_of(signed_in.get(page("detail", "shop")))
        assert "It does not answer." in text
        assert "Every 5 minutes" in text

    def test_it_shows_many_calls_by_the_page(self, signed_in, system):
        ApiCall.objects.bulk_create(
            ApiCall(system=system, slug=f"c{n:03}", name=f"C {n:03}") for n in range(200)
        )
        assert "C 050" not in text_of(signed_in.get(page("detail", "shop")))
        assert "C 199" in text_of(signed_in.get(f"{page('detail', 'shop')}?calls=4"))

    def test_it_takes_as_many_queries_for_two_hundred_credentials(
        self, signed_in, alice, django_assert_max_num_queries
    ):
        system = make(alice, auth_type="basic")
        Credential.objects.bulk_create(
            Credential(system=system, name=f"C {n:03}", is_default=False, values=VALUES)
            for n in range(200)
        )
        with django_assert_max_num_queries(9):
            assert "C 049" in text_of(signed_in.get(page("detail", "shop")))
        assert "C 199" in text_of(signed_in.get(f"{page('detail', 'shop')}?credentials=4"))


class TestEdit:
    EDITED = {
        "name": "Shop, live",
        "slug": "shop",
        "base_url": "https://live.example.com",
        "where": "same",
        "connect_timeout": "5",
        "read_timeout": "9999",
        "most_at_once": "10",
        "token_failures": "401, 403",
        "health_minutes": "15",
        "health_path": "/health",
        "common_headers": "Tenant::X-Tenant::7",
    }

    def test_it_changes_everything_but_the_authentication(self, signed_in, alice, system):
        response = signed_in.post(page("edit", "shop"), self.EDITED)
        assert response.url == page("detail", "shop")
        system.refresh_from_db()
        assert (system.name, system.base_url) == ("Shop, live", "https://live.example.com")
        assert (system.connect_timeout, system.read_timeout) == (5, 9999)
        assert (system.most_at_once, system.token_failures) == (10, "401, 403")
        assert (system.health_minutes, system.health_path) == (15, "/health")
        assert system.common_headers == [{"label": "Tenant", "key": "X-Tenant", "value": "7"}]
        assert "Tenant::X-Tenant::7" in text_of(signed_in.get(page("edit", "shop")))

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"connect_timeout": "0"}, "greater than or equal to 1"),
            ({"read_timeout": "10000"}, "less than or equal to 9999"),
            ({"token_failures": "all"}, "'all' is no status"),
            ({"health_path": "/a?b"}, "It holds ?"),
            ({"health_minutes": "1441"}, "less than or equal to 1440"),
            ({"common_query": "nothing"}, "write label::key::value"),
            ({"name": ""}, "This field is required"),
        ],
    )
    def test_it_says_what_is_wrong_and_changes_nothing(self, signed_in, system, change, told):
        response = signed_in.post(page("edit", "shop"), self.EDITED | change)
        assert told in text_of(response)
        assert "Edit “Shop”" in text_of(response)
        system.refresh_from_db()
        assert system.name == "Shop"

    def test_it_lets_calls_go_on_where_each_credential_gets_its_own_base_url(
        self, signed_in, alice
    ):
        system = make(alice, auth_type="basic", values={"username": "a", "secret": "b"})
        signed_in.post(page("edit", "shop"), self.EDITED | {"where": "own", "base_url": ""})
        system.refresh_from_db()
        assert system.base_url == ""
        assert system.credentials.get().base_url == "https://shop.example.com"


class TestAuthentication:
    def test_it_changes_settings(self, signed_in, alice):
        system = make(alice, auth_type="header", auth={"name": "X-Key"}, values={"secret": "s"})
        url = page("auth", "shop")
        assert 'value="X-Key"' in text_of(signed_in.get(url))
        assert signed_in.post(url, {"auth-name": "X-Api-Key"}).status_code == 302
        system.refresh_from_db()
        assert system.auth == {"name": "X-Api-Key", "prefix": ""}
        assert "cannot be the name" in text_of(signed_in.post(url, {"auth-name": "a b"}))

    def test_it_changes_the_kind_and_says_which_credentials_no_longer_fit(self, signed_in, alice):
        system = make(alice, auth_type="basic", values={"username": "a", "secret": CANARY})
        url = f"{page('auth', 'shop')}?type=oauth1"
        assert "Until you save, the authentication is “Basic" in text_of(signed_in.get(url))
        response = signed_in.post(url, {"auth-signature_method": "PLAINTEXT"}, follow=True)
        system.refresh_from_db()
        assert system.auth_type == "oauth1"
        assert "Enter the values of “default” anew" in text_of(response)
        assert "enter it anew" in text_of(response)
        assert CANARY not in text_of(response)
        assert system.credentials.get().values == {"username": "a", "secret": CANARY}

    def test_it_asks_for_a_credential_where_one_is_needed_now(self, signed_in, system):
        url = f"{page('auth', 'shop')}?type=basic"
        assert "Add a credential" in text_of(signed_in.post(url, follow=True))

    def test_it_takes_over_settings_that_mean_the_same(self, signed_in, alice):
        auth = {"token_url": "https://a.example/token", "scope": "read"}
        make(alice, auth_type="oauth2_client", auth=auth)
        text = text_of(signed_in.get(f"{page('auth', 'shop')}?type=oauth2_code"))
        assert 'value="https://a.example/token"' in text
        assert 'value="https://a.example/token"' not in text_of(
            signed_in.get(f"{page('auth', 'shop')}?type=header")
        )


class TestArchive:
    def test_it_archives_and_restores(self, signed_in, system):
        url = page("archive", "shop")
        assert "Flows that call it fail" in text_of(signed_in.get(url))
        assert signed_in.post(url).url == LIST
        system.refresh_from_db()
        assert system.archived_at
        assert "Archived on" in text_of(signed_in.get(page("detail", "shop")))
        assert signed_in.get(page("restore", "shop")).status_code == 405
        signed_in.post(page("restore", "shop"))
        system.refresh_from_db()
        assert system.archived_at is None


class TestConnection:
    def test_it_tells_in_words_what_came_back(self, client, workshop, alice, upstream):
        client.force_login(alice)
        values = {"username": WAREHOUSE[0], "secret": WAREHOUSE[1]}
        system = workshop.system("warehouse", "/warehouse", "basic", values, health_path="/stock")
        chosen = {"credential": system.credentials.get().pk}
        assert "Test connection" in text_of(client.get(page("test", "warehouse")))
        assert not upstream.seen
        text = text_of(client.post(page("test", "warehouse"), chosen))
        assert "Answered 200" in text
        assert f"GET {upstream.url}/warehouse/stock" in text
        assert WAREHOUSE[1] not in text
        assert len(upstream.seen) == 1
        workshop.credential(system, values | {"secret": CANARY}, name="wrong", is_default=False)
        chosen = {"credential": system.credentials.get(name="wrong").pk}
        text = text_of(client.post(page("test", "warehouse"), chosen))
        assert "Answered 401" in text
        assert CANARY not in text

    def test_it_asks_for_the_token_only_where_there_is_one(self, signed_in, alice):
        make(alice, auth_type="basic")
        make(alice, "erp", "oauth2_client", auth={"token_url": "https://a.example/token"})
        assert "With a fresh token" not in text_of(signed_in.get(page("test", "shop")))
        assert "With a fresh token" in text_of(signed_in.get(page("test", "erp")))

    def test_it_tries_no_credential_of_another_system(self, signed_in, alice, bob):
        make(alice, auth_type="basic", values={"username": "a", "secret": "b"})
        other = make(bob, auth_type="basic", values={"username": "c", "secret": CANARY})
        chosen = {"credential": other.credentials.get().pk}
        assert "Select a valid choice" in text_of(signed_in.post(page("test", "shop"), chosen))


@pytest.mark.parametrize("name", ["detail", "edit", "auth", "archive", "restore", "test"])
class TestPermission:
    def test_it_shows_bob_no_more_than_nothing(self, client, system, bob, name):
        client.force_login(bob)
        for method in (client.get, client.post):
            answers = [method(page(name, slug)) for slug in ("shop", "nothing")]
            assert len({answer.status_code for answer in answers}) == 1
            assert answers[0].status_code in {404, 405}
        system.refresh_from_db()
        assert system.archived_at is None

    def test_it_asks_strangers_to_sign_in(self, client, system, name):
        assert client.post(page(name, "shop")).url.startswith("/account/sign-in/")
