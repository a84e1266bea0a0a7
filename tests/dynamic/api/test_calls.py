"""API calls over REST."""

import pytest

from dynamic.models import ApiCall, Flow, System
from tests.dynamic.api.conftest import problems

HERE = "shop/calls/"
FLOW = "version: 1\nsteps:\n  - call: a\n    api: shop/get\n  - return: {body: 1}\n"
EMPTY = "version: 1\nsteps:\n  - return: {body: 1}\n"


@pytest.fixture
def shop(alice):
    return System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="https://shop.example"
    )


@pytest.fixture
def call(shop):
    return ApiCall.objects.create(system=shop, slug="get", name="Get", path="/orders/{{ id }}")


def flow_of(owner, source):
    flow = Flow.objects.create(owner=owner, slug="orders", name="Orders", draft=source)
    flow.publish()
    return flow


def slugs(response):
    return [call["slug"] for call in response.json()["results"]]


class TestReading:
    def test_it_lists_and_shows(self, api, call):
        assert slugs(api.ask("get", HERE)) == ["get"]
        shown = api.ask("get", f"{HERE}get/").json()
        assert (shown["full_name"], shown["path"]) == ("shop/get", "/orders/{{ id }}")
        assert (shown["body"], shown["read_timeout"], shown["active"]) == (None, None, True)

    def test_it_lists_those_that_are_on_or_off(self, api, call):
        assert slugs(api.ask("get", f"{HERE}?active=true")) == ["get"]
        assert slugs(api.ask("get", f"{HERE}?active=false")) == []
        assert "active" in problems(api.ask("get", f"{HERE}?active=1"))


class TestWriting:
    def test_it_makes_one(self, api, shop):
        body = {
            "slug": "create",
            "name": "Create",
            "method": "POST",
            "path": "/orders",
            "query": [{"label": "Shop", "key": "shop", "value": "{{ shop }}"}],
            "body_kind": "json",
            "body": {"id": "{{ id }}", "none": None},
            "retry": {"attempts": 3},
            "paging": {"kind": "page"},
            "sample_arguments": {"id": 1},
            "sample_response": {"text": "a\u0000b"},
        }
        answer = api.ask("post", HERE, body)
        assert answer.status_code == 201
        shown = api.ask("get", f"{HERE}create/").json()
        assert {name: shown[name] for name in body} == body

    def test_it_changes_what_is_sent(self, api, call):
        answer = api.ask("patch", f"{HERE}get/", {"active": False, "body": None})
        assert (answer.json()["active"], answer.json()["path"]) == (False, "/orders/{{ id }}")

    def test_it_replaces_all_but_what_it_alone_knows(self, api, call):
        api.ask("patch", f"{HERE}get/", {"read_timeout": 5, "sample_response": [1]})
        shown = api.ask("get", f"{HERE}get/").json()
        assert api.ask("put", f"{HERE}get/", shown).json() == shown
        replaced = api.ask("put", f"{HERE}get/", {"slug": "get", "name": "Get"}).json()
        assert (replaced["path"], replaced["read_timeout"]) == ("", None)
        assert replaced["sample_response"] is None

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"path": "/orders/{{ ( }}"}, "path"),
            ({"query": [{"key": "a", "value": "{{ ( }}"}]}, "query"),
            ({"query": "a=b"}, "query"),
            ({"headers": [{"key": "a b", "value": "c"}]}, "headers"),
            ({"body_kind": "form", "body": 5}, "body"),
            ({"body_kind": "soap"}, "body_kind"),
            ({"method": "BREW"}, "method"),
            ({"fine_statuses": "all"}, "fine_statuses"),
            ({"retry": {"attempts": 99}}, "retry"),
            ({"retry": 5}, "retry"),
            ({"paging": {"kind": "magic"}}, "paging"),
            ({"sample_arguments": [1]}, "sample_arguments"),
            ({"connect_timeout": 0}, "connect_timeout"),
            ({"slug": "new"}, "slug"),
            ({"system": "other"}, "system"),
        ],
    )
    def test_it_says_what_is_wrong(self, api, call, change, path):
        assert path in problems(api.ask("patch", f"{HERE}get/", change))
        call.refresh_from_db()
        assert call.name == "Get"

    def test_it_gives_a_slug_once_a_system(self, api, call):
        assert "slug" in problems(api.ask("post", HERE, {"slug": "get", "name": "Get"}))

    def test_it_deletes_what_no_flow_makes(self, api, alice, call):
        flow_of(alice, EMPTY + "# shop/get-all")
        assert api.ask("delete", f"{HERE}get/").status_code == 204
        assert not ApiCall.objects.exists()

    @pytest.mark.parametrize("where", ["draft", "version"])
    def test_it_keeps_what_a_flow_makes(self, api, alice, call, where):
        flow = flow_of(alice, FLOW if where == "version" else EMPTY)
        Flow.objects.filter(pk=flow.pk).update(draft=FLOW if where == "draft" else EMPTY)
        for answer in (
            api.ask("delete", f"{HERE}get/"),
            api.ask("patch", f"{HERE}get/", {"slug": "fetch"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
            assert "orders" in answer.json()["detail"]
        assert api.ask("patch", f"{HERE}get/", {"active": False}).status_code == 200
        assert alice.systems.get().calls.get().slug == "get"


class TestWho:
    def test_it_hides_them_from_others(self, bobs, call):
        for path in (HERE, f"{HERE}get/"):
            assert bobs.ask("get", path).status_code == 404
        assert bobs.ask("post", HERE, {"slug": "a", "name": "A"}).status_code == 404
        assert bobs.ask("post", f"{HERE}get/test/", {}).status_code == 404
        assert bobs.ask("delete", f"{HERE}get/").status_code == 404

    def test_it_lets_a_key_read_that_may_call_every_pipe(self, by_key, call):
        key = by_key()
        assert slugs(key.ask("get", HERE)) == ["get"]
        assert key.ask("get", f"{HERE}get/").status_code == 200
        assert by_key(pipes=[]).ask("get", HERE).status_code == 403

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("post", ""),
            ("put", "get/"),
            ("patch", "get/"),
            ("delete", "get/"),
            ("post", "get/test/"),
        ],
    )
    def test_it_lets_no_key_change_or_try(self, by_key, call, method, path):
        answer = by_key().ask(method, HERE + path, {})
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert ApiCall.objects.count() == 1
