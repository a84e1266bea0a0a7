"""Systems over REST: an owner's own, held to what the pages hold them to."""

import pytest

from dynamic.models import Health, System
from tests.dynamic.api.conftest import problems

SHOP = {
    "slug": "shop",
    "name": "Shop",
    "base_url": "https://shop.example",
    "auth_type": "header",
    "auth": {"name": "X-Api-Key"},
}


@pytest.fixture
def shop(alice):
    return System.objects.create(owner=alice, **SHOP)


def slugs(response):
    return [system["slug"] for system in response.json()["results"]]


class TestReading:
    def test_it_lists_ones_own(self, api, bobs, shop):
        assert slugs(api.ask("get")) == ["shop"]
        assert slugs(bobs.ask("get")) == []

    def test_it_shows_one(self, api, shop):
        answer = api.ask("get", "shop/")
        shown = answer.json()
        assert {name: shown[name] for name in SHOP} == SHOP
        assert (shown["read_timeout"], shown["archived_at"], shown["health"]) == (240, None, None)
        assert answer["Cache-Control"] == "no-store"

    def test_it_tells_whether_it_is_up(self, api, shop):
        Health.objects.create(system=shop, is_up=False, message="It does not answer.")
        health = api.ask("get", "shop/").json()["health"]
        assert (health["is_up"], health["message"]) == (False, "It does not answer.")

    def test_it_finds_words_in_name_slug_and_address(self, api, shop):
        System.objects.create(owner=shop.owner, slug="erp", name="Warehouse", base_url="https://w")
        assert slugs(api.ask("get", "?q=EXAMPLE+shop")) == ["shop"]
        assert slugs(api.ask("get", "?q=shop+warehouse")) == []

    def test_it_keeps_the_archived_apart(self, api, shop):
        assert api.ask("post", "shop/archive/").json()["archived_at"]
        assert slugs(api.ask("get")) == slugs(api.ask("get", "?archived=false")) == []
        assert slugs(api.ask("get", "?archived=true")) == ["shop"]
        assert api.ask("post", "shop/restore/").json()["archived_at"] is None
        assert slugs(api.ask("get")) == ["shop"]
        assert problems(api.ask("get", "?archived=maybe")) == {"archived": "It is true or false."}

    def test_it_archives_once(self, api, shop):
        first = api.ask("post", "shop/archive/").json()["archived_at"]
        assert api.ask("post", "shop/archive/").json()["archived_at"] == first


class TestWriting:
    def test_it_makes_one(self, api, alice):
        answer = api.ask("post", "", SHOP)
        assert answer.status_code == 201
        assert alice.systems.get().auth == {"name": "X-Api-Key"}

    def test_it_changes_what_is_sent(self, api, shop):
        answer = api.ask("patch", "shop/", {"read_timeout": 10, "slug": "store"})
        assert (answer.json()["read_timeout"], answer.json()["name"]) == (10, "Shop")
        assert api.ask("get", "store/").status_code == 200

    def test_it_replaces_all_but_what_it_alone_knows(self, api, shop):
        api.ask("patch", "shop/", {"read_timeout": 10, "description": "Ours"})
        shown = api.ask("get", "shop/").json()
        assert api.ask("put", "shop/", shown).json() == shown
        answer = api.ask("put", "shop/", SHOP).json()
        assert (answer["read_timeout"], answer["description"]) == (240, "")

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"base_url": "ftp://shop.example"}, "base_url"),
            ({"auth_type": "token"}, "auth"),
            ({"auth": {"name": "X-Api-Key", "colour": "red"}}, "auth"),
            ({"auth": [1]}, "auth"),
            ({"auth_type": "oauth2_client", "auth": {"params": 5}}, "auth"),
            ({"auth_type": "magic"}, "auth_type"),
            ({"common_query": [{"value": "x"}]}, "common_query"),
            ({"common_headers": "X: y"}, "common_headers"),
            ({"token_failures": "many"}, "token_failures"),
            ({"read_timeout": 10_000}, "read_timeout"),
            ({"health_path": "{{ ( }}"}, "health_path"),
            ({"slug": "new"}, "slug"),
            ({"slug": "a/b"}, "slug"),
            ({"owner_id": 1}, "owner_id"),
            ({"nmae": "Shop"}, "nmae"),
        ],
    )
    def test_it_says_what_is_wrong(self, api, shop, change, path):
        assert list(problems(api.ask("patch", "shop/", change))) == [path]
        assert System.objects.get().name == "Shop"

    def test_it_gives_a_slug_once(self, api, bobs, shop):
        assert "slug" in problems(api.ask("post", "", SHOP))
        assert bobs.ask("post", "", SHOP).status_code == 201
        assert api.ask("patch", "shop/", {"slug": "shop"}).status_code == 200

    def test_it_deletes_none(self, api, shop):
        assert api.ask("delete", "shop/").status_code == 405


class TestWho:
    PATHS = ["shop/", "shop/archive/", "shop/restore/", "shop/test/", "shop/import/"]

    @pytest.mark.parametrize("path", PATHS)
    def test_it_hides_them_from_others(self, bobs, shop, path):
        method = "get" if path == "shop/" else "post"
        assert bobs.ask(method, path, {}).status_code == 404

    def test_it_wants_somebody(self, client, db):
        assert client.get("/v1/dynamic/systems/").status_code == 401

    def test_it_lets_a_key_read_that_may_call_every_pipe(self, by_key, shop):
        key = by_key()
        assert slugs(key.ask("get")) == ["shop"]
        assert key.ask("get", "shop/").status_code == 200

    def test_it_lets_no_limited_key_read(self, by_key, shop):
        for path in ("", "shop/"):
            answer = by_key(pipes=[]).ask("get", path)
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")

    @pytest.mark.parametrize("path", ["", *PATHS[1:]])
    def test_it_lets_no_key_change_or_try(self, by_key, shop, path):
        answer = by_key().ask("post", path, {})
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert "sign in" in answer.json()["detail"]

    def test_it_shows_pages(self, api, shop):
        api.credentials(HTTP_ACCEPT="text/html")
        for path in ("", "shop/", "shop/calls/", "shop/credentials/"):
            page = api.ask("get", path)
            assert page.status_code == 200, path
            assert b"<h2>POST</h2>" in page.content or path == "shop/"
        for path in ("shop/test/", "shop/import/"):
            assert b"<h2>POST</h2>" in api.ask("get", path).content
        assert api.get("/v1/dynamic/authentication-types/").status_code == 200


def test_it_tells_what_each_authentication_wants(api, by_key):
    types = by_key(pipes=[]).get("/v1/dynamic/authentication-types/").json()
    basic = next(type_ for type_ in types if type_["value"] == "basic")
    assert [(entry["name"], entry["kind"]) for entry in basic["credential"]] == [
        ("username", "text"),
        ("secret", "secret"),
    ]
    token = next(type_ for type_ in types if type_["value"] == "token")
    place = next(entry for entry in token["settings"] if entry["name"] == "place")
    assert place["choices"][1] == {"value": "query", "label": "in the query string"}


class TestImport:
    CURL = (
        "curl https://shop.example/orders/7 -H 'X-Api-Key: import-canary'\n"
        "curl https://shop.example/orders -H 'Content-Type: application/json' -d '{\"a\": 1}'"
    )

    def test_it_tells_what_it_would_make(self, api, shop):
        answer = api.ask("post", "shop/import/", {"source": self.CURL})
        assert answer.status_code == 200
        told = answer.json()
        assert (told["kind"], told["dry_run"]) == ("curl", True)
        assert {call["outcome"] for call in told["calls"]} == {"will_be_made"}
        assert (told["auth_hint"], told["auth_name"]) == ("header", "X-Api-Key")
        assert "import-canary" not in answer.content.decode()
        assert not shop.calls.exists()

    def test_it_makes_what_is_chosen_and_replaces_nothing(self, api, shop):
        first, other = (
            call["slug"]
            for call in api.ask("post", "shop/import/", {"source": self.CURL}).json()["calls"]
        )
        wanted = {"source": self.CURL, "dry_run": False, "only": [first]}
        made = api.ask("post", "shop/import/", wanted).json()["calls"]
        assert [call["outcome"] for call in made] == ["made", "not_chosen"]
        assert shop.calls.get().slug == first
        shop.calls.update(name="Mine")
        wanted["only"] = [first, other]
        again = api.ask("post", "shop/import/", wanted).json()["calls"]
        assert [call["outcome"] for call in again] == ["cannot_be_made", "made"]
        assert "already" in again[0]["problems"][0]
        assert shop.calls.get(slug=first).name == "Mine"

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"source": "hello"}, "source"),
            ({"source": "hello", "kind": "openapi"}, "source"),
            ({"source": "curl https://shop.example/", "kind": "wsdl"}, "kind"),
            ({"source": "curl https://shop.example/", "only": ["nothing"]}, "only"),
            ({"kind": "curl"}, "source"),
            ({"source": "curl https://shop.example/", "dryrun": False}, "dryrun"),
        ],
    )
    def test_it_says_what_is_wrong(self, api, shop, body, path):
        assert list(problems(api.ask("post", "shop/import/", body))) == [path]
