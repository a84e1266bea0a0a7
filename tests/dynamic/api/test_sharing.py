"""What an account may do over REST with what it owns, was given, and was never given."""

import pytest
from django.db import transaction
from django.urls import resolve

from apikeys.limiting import LIMITS
from dynamic.api.systems import OWNER_CHANGES
from dynamic.api.urls import router
from dynamic.models import Flow, Pipe, System
from tests.dynamic.api.conftest import problems
from tests.dynamic.api.shared import (
    BASE_URL,
    DOCUMENT,
    ROOT,
    by_key_of,
    make_house,
    make_run,
    signed_in,
)

SYSTEM = {
    "slug": "shop",
    "name": "Renamed",
    "base_url": BASE_URL,
    "auth_type": "header",
    "auth": {"name": "X-Api-Key"},
}
ELSEWHERE = {"base_url": "https://elsewhere.example"}
CALL = {"slug": "get", "name": "Renamed"}
NEW_CALL = {"slug": "new-one", "name": "New"}
CREDENTIAL = {"name": "second", "values": {"secret": "other"}}
FLOW = {"slug": "spare", "name": "Renamed", "draft": DOCUMENT}
PIPE = {"name": "Renamed", "flow": "orders"}
GIVEN = {"account": "dave@example.com", "role": "viewer"}
CURL = {"source": "curl https://shop.example/orders"}

# What is answered to: the owner, an editor, a viewer. Anybody else gets 404.
READ = (200, 200, 200)
EDIT = (200, 200, 403)
OWN = (200, 403, 403)
TABLE = [
    ("get", "systems/{system}/", None, READ),
    ("put", "systems/{system}/", SYSTEM, EDIT),
    ("patch", "systems/{system}/", {"name": "Renamed"}, EDIT),
    ("patch", "systems/{system}/", ELSEWHERE, (200, 400, 403)),
    ("post", "systems/{system}/archive/", None, OWN),
    ("post", "systems/{system}/restore/", None, OWN),
    ("post", "systems/{system}/test/", {}, EDIT),
    ("post", "systems/{system}/import/", CURL, EDIT),
    ("get", "systems/{system}/credentials/", None, OWN),
    (
        "post",
        "systems/{system}/credentials/",
        {"name": "third", "values": {"secret": "s"}},
        (201, 403, 403),
    ),
    ("get", "systems/{system}/credentials/{credential}/", None, OWN),
    ("put", "systems/{system}/credentials/{credential}/", CREDENTIAL, OWN),
    ("patch", "systems/{system}/credentials/{credential}/", CREDENTIAL, OWN),
    ("delete", "systems/{system}/credentials/{credential}/", None, (204, 403, 403)),
    ("post", "systems/{system}/credentials/{credential}/default/", None, OWN),
    ("get", "systems/{system}/calls/", None, READ),
    ("post", "systems/{system}/calls/", NEW_CALL, (201, 201, 403)),
    ("get", "systems/{system}/calls/get/", None, READ),
    ("put", "systems/{system}/calls/get/", CALL, EDIT),
    ("patch", "systems/{system}/calls/get/", {"path": "/other"}, EDIT),
    ("delete", "systems/{system}/calls/get/", None, (204, 204, 403)),
    ("post", "systems/{system}/calls/get/test/", {}, EDIT),
    ("get", "flows/{flow}/", None, READ),
    ("put", "flows/{flow}/", FLOW, EDIT),
    ("patch", "flows/{flow}/", {"name": "Renamed"}, EDIT),
    ("delete", "flows/{flow}/", None, (204, 403, 403)),
    ("post", "flows/{flow}/archive/", None, OWN),
    ("post", "flows/{flow}/restore/", None, OWN),
    ("post", "flows/{flow}/check/", {"draft": DOCUMENT}, EDIT),
    ("post", "flows/{flow}/publish/", {}, EDIT),
    ("get", "flows/{flow}/versions/", None, READ),
    ("get", "flows/{flow}/versions/1/", None, READ),
    ("get", "pipes/{pipe}/", None, READ),
    ("patch", "pipes/{pipe}/", {"enabled": False}, EDIT),
    ("delete", "pipes/{pipe}/", None, (204, 403, 403)),
    ("post", "pipes/{pipe}/archive/", None, OWN),
    ("post", "pipes/{pipe}/restore/", None, OWN),
    ("put", "pipes/{pipe}/", PIPE, (200, 400, 403)),  # an editor knows the flow by another name
    ("get", "runs/{run}/", None, READ),
]
for thing in ("systems/{system}", "flows/{flow}", "pipes/{pipe}"):
    TABLE += [
        ("get", f"{thing}/shares/", None, READ),
        ("post", f"{thing}/shares/", GIVEN, (201, 403, 403)),
        ("get", f"{thing}/shares/{{share}}/", None, READ),
        ("patch", f"{thing}/shares/{{share}}/", {"role": "editor"}, OWN),
        ("delete", f"{thing}/shares/{{share}}/", None, (204, 204, 204)),
    ]
ROLES = ("owner", "editor", "viewer", "stranger")


@pytest.fixture(autouse=True)
def _fresh_limits():
    LIMITS.memory.storage.reset()


@pytest.fixture
def house(alice):
    return make_house(alice)


class TestTable:
    """Each row's requests are undone, so that one role meets no trace of another's."""

    @pytest.fixture(autouse=True)
    def others(self, house, django_user_model):
        make = django_user_model.objects.create_user
        house.share(make("carol@example.com", "x"), "viewer")
        make("dave@example.com", "x")

    @pytest.mark.parametrize(
        ("method", "path", "body", "statuses"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE]
    )
    def test_it_answers_by_role(self, house, bob, method, path, body, statuses):
        asked = {}
        for role in ROLES:
            mark = transaction.savepoint()
            account = house.owner if role == "owner" else bob
            if role in {"editor", "viewer"}:
                house.share(bob, role)
            ask = getattr(signed_in(account), method)
            asked[role] = ask(house.path(path, account), body).status_code
            transaction.savepoint_rollback(mark)
        assert asked == dict(zip(ROLES, [*statuses, 404], strict=True))

    @pytest.mark.parametrize(
        ("method", "path", "body", "statuses"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE]
    )
    def test_it_lets_a_key_read_and_no_more(self, house, bob, method, path, body, statuses):
        house.share(bob, "editor")
        closed = method != "get" or "/credentials/" in path or "/shares/" in path
        answer = getattr(by_key_of(bob), method)(house.path(path, bob), body)
        assert answer.status_code == (403 if closed else statuses[1])
        if closed:
            assert answer.json()["code"] == "insufficient_scope"

    def test_it_leaves_no_route_out(self, house):
        routes = {
            (method, pattern.name)
            for pattern in router.urls
            for method in getattr(pattern.callback, "actions", {})
            if method != "head" and method in pattern.callback.cls.http_method_names
            if pattern.pattern.regex.groupindex.keys() - {"format"}
        }
        asked = {
            (method, resolve(house.path(path, house.owner)).url_name) for method, path, *_ in TABLE
        }
        assert routes == asked


class TestLists:
    @pytest.mark.parametrize("kind", ["systems", "flows", "pipes"])
    def test_it_holds_ones_own_and_what_is_shared(self, house, bob, kind):
        make_house(bob)
        house.share(bob, "viewer")
        client = signed_in(bob)

        def owners(query):
            found = client.get(f"{ROOT}{kind}/{query}").json()["results"]
            return {(each["owner"], each["role"]) for each in found}

        own, shared = (bob.email, "owner"), (house.owner.email, "viewer")
        assert owners("") == {own, shared}
        assert owners("?shared=true") == {shared}
        assert owners("?shared=false") == {own}
        assert problems(client.get(f"{ROOT}{kind}/?shared=x")) == {"shared": "It is true or false."}
        assert {each[0] for each in owners("?q=s")} == {bob.email, house.owner.email}

    @pytest.mark.parametrize("kind", ["systems", "flows"])
    def test_it_gives_the_names_for_addresses(self, house, bob, kind):
        make_house(bob)
        house.share(bob, "editor")
        client = signed_in(bob)
        refs = [each["ref"] for each in client.get(f"{ROOT}{kind}/").json()["results"]]
        for ref in refs:
            shown = client.get(f"{ROOT}{kind}/{ref}/").json()
            assert shown["ref"] == ref
            assert (shown["owner"] == bob.email) is ("@" not in ref)
        assert len(set(refs)) == len(refs) > 1

    @pytest.mark.parametrize("kind", ["systems", "flows", "pipes"])
    def test_it_asks_the_database_no_more_for_many(
        self, django_user_model, bob, kind, django_assert_max_num_queries
    ):
        for number in range(4):
            make = django_user_model.objects.create_user
            make_house(make(f"owner-{number}@example.com", "x")).share(bob, "viewer")
        client = signed_in(bob)
        with django_assert_max_num_queries(3):  # session, account, list
            assert len(client.get(f"{ROOT}{kind}/").json()["results"]) == 4

    def test_it_knows_ones_own_by_the_name_of_others_as_well(self, house):
        client = signed_in(house.owner)
        shown = client.get(f"{ROOT}flows/spare@{house.owner.pk}/").json()
        assert (shown["ref"], shown["role"]) == ("spare", "owner")

    def test_it_shares_nothing_while_the_owner_is_switched_off(self, house, bob):
        house.share(bob, "editor")
        type(bob).objects.filter(pk=house.owner.pk).update(is_active=False)
        client = signed_in(bob)
        assert client.get(f"{ROOT}systems/").json()["results"] == []
        assert client.get(house.path("pipes/{pipe}/", bob)).status_code == 404

    def test_it_shows_a_viewer_pages_without_forms(self, house, bob):
        house.share(bob, "viewer")
        for account, has_forms in ((house.owner, True), (bob, False)):
            client = signed_in(account)
            client.credentials(HTTP_ACCEPT="text/html")
            for path in ("systems/{system}/", "flows/{flow}/", "pipes/{pipe}/"):
                page = client.get(house.path(path, account)).content
                assert (b'data-method="PUT">PUT' in page) is has_forms, path


class TestSystem:
    def test_it_lets_an_editor_change_nothing_of_where_credentials_go(self, house, bob):
        house.share(bob, "editor")
        client, url = signed_in(bob), house.path("systems/{system}/", bob)
        before = client.get(url).json()
        for change in (
            ELSEWHERE,
            {"slug": "other"},
            {"auth_type": "none"},
            {"auth": {"name": "X-Other"}},
        ):
            assert list(problems(client.patch(url, change))) == list(change)
        # What is left out would be as in a new one.
        assert "base_url" in problems(client.put(url, {"slug": "shop", "name": "Shop"}))
        assert client.get(url).json() == before
        assert client.patch(url, before | {"name": "Renamed"}).json()["name"] == "Renamed"

    def test_it_stays_its_owners(self, house, bob):
        house.share(bob, "editor")
        url = house.path("systems/{system}/", bob)
        sent = {"owner": bob.email, "role": "owner", "name": "Renamed"}
        assert signed_in(bob).patch(url, sent).json()["owner"] == house.owner.email
        assert System.objects.get().owner == house.owner

    def test_it_tells_nobody_which_slugs_its_owner_has(self, house, bob):
        System.objects.create(owner=house.owner, slug="taken", name="Taken")
        house.share(bob, "editor")
        client, url = signed_in(bob), house.path("systems/{system}/", bob)
        taken, free = (problems(client.patch(url, {"slug": slug})) for slug in ("taken", "free"))
        assert taken == free == {"slug": OWNER_CHANGES}

    def test_it_shows_no_credential(self, house, bob):
        house.share(bob, "editor")
        client = signed_in(bob)
        for path in ("systems/{system}/", "systems/{system}/calls/", "systems/"):
            assert b"canary" not in client.get(house.path(path, bob)).content
        answer = client.post(house.path("systems/{system}/test/", bob), {})
        assert (answer.status_code, b"canary" in answer.content) == (200, False)

    def test_it_names_flows_that_make_a_call_to_who_sees_them(self, house, bob):
        house.share(bob, "editor", "system")
        draft = "version: 1\nsteps:\n  - {call: it, api: shop/get}\n"
        for slug in ("spare", "orders"):
            Flow.objects.filter(slug=slug).update(draft=draft)
        client, url = signed_in(bob), house.path("systems/{system}/calls/get/", bob)
        answer = client.delete(url)
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
        assert "2 that you do not see" in answer.json()["detail"]
        house.share(bob, "viewer", "flow")
        detail = client.patch(url, {"slug": "other"}).json()["detail"]
        assert "spare, 1 that you do not see" in detail
        assert "orders" not in detail


class TestFlow:
    def test_it_is_checked_against_its_owners_api_calls(self, house, bob):
        house.share(bob, "editor")
        bobs = System.objects.create(owner=bob, slug="bobs", name="Bob's", base_url=BASE_URL)
        bobs.calls.create(slug="get", name="Get")
        client, url = signed_in(bob), house.path("flows/{flow}/check/", bob)
        draft = "version: 1\nsteps:\n  - {call: it, api: %s/get}\n"
        assert client.post(url, {"draft": draft % "shop"}).json() == {"problems": []}
        (problem,) = client.post(url, {"draft": draft % "bobs"}).json()["problems"]
        assert "bobs/get" in problem["message"]

    def test_it_publishes_what_an_editor_wrote(self, house, bob):
        house.share(bob, "editor")
        client = signed_in(bob)
        url = house.path("flows/{flow}/", bob)
        draft = DOCUMENT.replace("1}", "2}")
        assert client.patch(url, {"draft": draft}).status_code == 200
        assert client.post(f"{url}publish/", {}).json()["number"] == 2
        assert house.flow.latest.source == draft
        assert Flow.objects.filter(owner=bob).count() == 0


class TestPipe:
    def test_it_tells_the_flow_by_the_name_that_the_reader_knows(self, house, bob):
        house.share(bob, "editor", "pipe")
        url = house.path("pipes/{pipe}/", bob)
        client = signed_in(bob)
        shown = client.get(url).json()
        assert shown["flow"] == f"orders@{house.owner.pk}"
        assert signed_in(house.owner).get(url).json()["flow"] == "orders"
        kept = {name: value for name, value in shown.items() if name not in {"id", "url"}}
        assert client.put(url, kept | {"name": "Renamed"}).json() == shown | {"name": "Renamed"}

    def test_it_takes_a_flow_of_the_owners_that_the_editor_sees(self, house, bob):
        house.share(bob, "editor", "pipe")
        client, url = signed_in(bob), house.path("pipes/{pipe}/", bob)
        spare = {"flow": f"spare@{house.owner.pk}"}
        assert list(problems(client.patch(url, spare))) == ["flow"]
        house.share(bob, "viewer", "flow")
        assert client.patch(url, spare).json()["flow"] == spare["flow"]

    @pytest.mark.parametrize("flow", ["bobs", "bobs@{bob}", "orders", "orders@x", "", 1, None])
    def test_it_takes_no_other(self, house, bob, flow):
        Flow.objects.create(owner=bob, slug="bobs", name="Bob's", draft=DOCUMENT)
        house.share(bob, "editor", "pipe")
        if isinstance(flow, str):
            flow = flow.format(bob=bob.pk)
        answer = signed_in(bob).patch(house.path("pipes/{pipe}/", bob), {"flow": flow})
        assert list(problems(answer)) == ["flow"]
        assert Pipe.objects.get().flow.slug == "orders"

    def test_it_makes_nobody_a_pipe_of_a_flow_that_is_shared(self, house, bob):
        house.share(bob, "editor")
        for flow in ("orders", f"spare@{house.owner.pk}"):
            answer = signed_in(bob).post(f"{ROOT}pipes/", {"name": "Mine", "flow": flow})
            assert list(problems(answer)) == ["flow"]

    def test_it_shows_a_key_those_that_it_is_granted(self, house, bob):
        house.share(bob, "viewer")
        assert len(by_key_of(bob).get(f"{ROOT}pipes/").json()["results"]) == 1
        limited = by_key_of(bob, pipes=[])
        assert limited.get(f"{ROOT}pipes/").json()["results"] == []
        assert limited.get(house.path("runs/{run}/", bob)).status_code == 404


class TestRuns:
    @pytest.fixture
    def shared(self, house, bob):
        house.share(bob, "viewer", "pipe")
        return house

    def test_it_lists_ones_own_and_those_of_a_shared_pipe_when_asked(self, shared, bob):
        own = make_house(bob).run
        client = signed_in(bob)

        def ids(query=""):
            return [each["id"] for each in client.get(f"{ROOT}runs/{query}").json()["results"]]

        assert ids() == [own.pk]
        assert ids(f"?pipe={shared.pipe.pk}") == [shared.run.pk]
        assert ids(f"?pipe={shared.pipe.pk}&status=not_well") == []

    def test_it_lists_none_of_what_is_not_shared(self, shared, bob):
        other = Pipe.objects.create(owner=shared.owner, name="Other", flow=shared.flow)
        run = make_run(other)
        client = signed_in(bob)
        assert client.get(f"{ROOT}runs/?pipe={other.pk}").json()["results"] == []
        assert client.get(f"{ROOT}runs/{run.pk}/").status_code == 404

    def test_it_shows_one_with_what_came_in_and_went_out(self, shared, bob):
        for client in (signed_in(bob), by_key_of(bob), by_key_of(bob, pipes=[shared.pipe.pk])):
            shown = client.get(shared.path("runs/{run}/", bob)).json()
            assert (shown["input"], shown["answer"]) == ({"payload": "came-in"}, "went-out")

    def test_it_is_gone_when_the_pipe_is_taken_back(self, shared, bob):
        shared.pipe.shares.all().delete()
        assert signed_in(bob).get(shared.path("runs/{run}/", bob)).status_code == 404
