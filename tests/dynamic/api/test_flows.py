"""Flows over REST: made, changed, checked and published by their owner, as on the pages."""

import pytest

from dynamic.flow.document import MAX_BYTES
from dynamic.models import Flow, Pipe
from tests.dynamic.api.conftest import problems

URL = "/v1/dynamic/flows/"
ORDERS = f"{URL}orders/"
SOUND = "# Keeps its comments.\nversion: 1\nsteps:\n  - return: {body: 1}\n"
OTHER = "version: 1\nsteps:\n  - return: {body: 2}\n"
BROKEN = "version: 1\nsteps:\n  - nonsense: 1\n"
RUNS_ORDERS = "version: 1\nsteps:\n  - run: it\n    flow: orders\n"
NEW = {"slug": "orders", "name": "Orders", "draft": SOUND}


def make(owner, slug="orders", draft=SOUND):
    return Flow.objects.create(owner=owner, slug=slug, name=slug.title(), draft=draft)


@pytest.fixture
def flow(alice):
    return make(alice)


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    return answer.json()["detail"]


class TestReading:
    def test_it_lists_ones_own_with_their_state(self, api, bobs, alice):
        for slug in ("same", "differs"):
            make(alice, slug).publish()
        Flow.objects.filter(slug="differs").update(draft=OTHER)
        make(alice, "never")
        names = ("slug", "name", "latest_version", "is_published")
        shown = api.get(URL).json()["results"]
        assert [tuple(each[name] for name in names) for each in shown] == [
            ("differs", "Differs", 1, False),
            ("never", "Never", None, False),
            ("same", "Same", 1, True),
        ]
        assert bobs.get(URL).json()["results"] == []

    def test_it_finds_words_in_name_and_slug(self, api, flow):
        make(flow.owner, "stock")
        found = api.get(f"{URL}?q=ORD").json()["results"]
        assert [each["slug"] for each in found] == ["orders"]

    def test_it_asks_the_database_no_more_for_many(self, api, alice, django_assert_max_num_queries):
        for number in range(5):
            make(alice, f"flow-{number}")
        with django_assert_max_num_queries(5):
            assert len(api.get(URL).json()["results"]) == 5

    def test_it_shows_the_draft_with_its_problems(self, api, alice):
        make(alice, draft=BROKEN)
        shown = api.get(ORDERS).json()
        (problem,) = shown.pop("problems")
        assert (problem["line"], problem["column"], problem["path"]) == (3, 5, "steps[0].nonsense")
        assert "nonsense" in problem["message"]
        state = {"latest_version": None, "is_published": False, "archived_at": None}
        mine = {"ref": "orders", "role": "owner", "owner": alice.email}
        assert shown == NEW | {"draft": BROKEN} | state | mine

    def test_it_shows_pages(self, api, flow):
        flow.publish()
        api.credentials(HTTP_ACCEPT="text/html")
        for url in (URL, ORDERS, f"{ORDERS}versions/", f"{ORDERS}versions/1/"):
            assert api.get(url).status_code == 200, url
        for url in (URL, f"{ORDERS}check/", f"{ORDERS}publish/"):
            assert b"<h2>POST</h2>" in api.get(url).content, url
        page = api.get(ORDERS).content
        assert b'data-method="PUT">PUT' in page
        assert b"# Keeps its comments." in page
        assert b"Renamed" in api.patch(ORDERS, {"name": "Renamed"}).content
        answer = api.delete(ORDERS, headers={"If-Match": '"x"'})
        assert (answer.status_code, b"read it again" in answer.content) == (412, True)


class TestMaking:
    def test_it_makes_one(self, api, alice):
        answer = api.post(URL, NEW)
        assert (answer.status_code, answer.json()["problems"]) == (201, [])
        assert alice.flows.get().draft == SOUND
        assert answer["ETag"] == api.get(ORDERS)["ETag"]

    def test_it_keeps_a_draft_as_it_was_sent_even_where_it_cannot_run(self, api, alice):
        answer = api.post(URL, NEW | {"draft": "\n  # One\r\nnonsense: é\n\n"})
        assert answer.json()["problems"]
        assert alice.flows.get().draft == "\n  # One\nnonsense: é\n\n"

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"slug": "taken"}, "slug"),
            ({"slug": "new"}, "slug"),
            ({"slug": "a/b"}, "slug"),
            ({"slug": ""}, "slug"),
            ({"name": ""}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"draft": ""}, "draft"),
            ({"draft": "a\0b"}, "draft"),
            ({"draft": {"version": 1}}, "draft"),
            ({"draft": "x" * (MAX_BYTES + 1)}, "draft"),
            ({"owner_id": 1}, "owner_id"),
        ],
    )
    def test_it_says_what_is_wrong(self, api, alice, change, path):
        make(alice, "taken")
        assert list(problems(api.post(URL, NEW | change))) == [path]
        assert alice.flows.count() == 1

    def test_it_lets_two_owners_have_the_same_slug(self, api, bob):
        make(bob)
        assert api.post(URL, NEW).status_code == 201


class TestChanging:
    def test_it_changes_what_is_sent(self, api, flow):
        assert api.patch(ORDERS, {"draft": BROKEN}).json()["name"] == "Orders"
        answer = api.patch(ORDERS, {"name": "Renamed"})
        assert (answer.status_code, answer.json()["draft"]) == (200, BROKEN)
        flow.refresh_from_db()
        assert (flow.name, flow.draft) == ("Renamed", BROKEN)

    def test_it_takes_back_what_it_showed(self, api, flow):
        shown = api.get(ORDERS).json()
        assert api.put(ORDERS, shown | {"draft": OTHER}).json() == shown | {"draft": OTHER}
        assert list(problems(api.put(ORDERS, {"name": "Orders"}))) == ["slug", "draft"]

    def test_it_keeps_the_slug(self, api, flow):
        assert "It stays" in problems(api.patch(ORDERS, {"slug": "other"}))["slug"]

    def test_it_overwrites_nothing_that_was_not_seen(self, api, flow):
        tag = api.get(ORDERS)["ETag"]
        changed = api.patch(ORDERS, {"draft": OTHER}, headers={"If-Match": tag})
        assert changed.status_code == 200
        assert changed["ETag"] not in ("", tag)
        for method, url, body in (
            ("patch", ORDERS, {"draft": "# mine"}),
            ("put", ORDERS, NEW),
            ("delete", ORDERS, None),
            ("post", f"{ORDERS}publish/", {}),
        ):
            answer = getattr(api, method)(url, body, headers={"If-Match": tag})
            assert "read it again" in refused(answer, 412, "changed")
        flow.refresh_from_db()
        assert (flow.draft, flow.latest) == (OTHER, None)

    @pytest.mark.parametrize("written", ["*", "W/{}", '"x", {}'])
    def test_it_knows_a_tag_however_it_is_written(self, api, flow, written):
        tag = written.format(api.get(ORDERS)["ETag"])
        answer = api.patch(ORDERS, {"draft": OTHER}, headers={"If-Match": tag})
        assert answer.status_code == 200

    def test_it_takes_a_repeat_whose_first_answer_was_lost(self, api, flow):
        tag = api.get(ORDERS)["ETag"]
        for _ in range(2):
            answer = api.patch(ORDERS, {"draft": OTHER}, headers={"If-Match": tag})
            assert answer.status_code == 200


class TestDeleting:
    def test_it_deletes_with_all_versions(self, api, flow, alice):
        flow.publish()
        assert api.delete(ORDERS).status_code == 204
        assert not alice.flows.exists()

    def test_it_refuses_while_a_pipe_runs_it(self, api, flow):
        Pipe.objects.create(owner=flow.owner, name="Web shop", flow=flow)
        assert "“Web shop”" in refused(api.delete(ORDERS), 409, "in_use")
        assert Flow.objects.exists()

    def test_it_refuses_while_another_flow_runs_it(self, api, flow, bob):
        make(flow.owner, "outer", RUNS_ORDERS)
        make(bob, "foreign", RUNS_ORDERS)
        detail = refused(api.delete(ORDERS), 409, "in_use")
        assert "outer" in detail
        assert "foreign" not in detail


class TestChecking:
    def test_it_tells_problems_and_saves_nothing(self, api, flow):
        def check(draft):
            return api.post(f"{ORDERS}check/", {"draft": draft}).json()["problems"]

        assert [problem["path"] for problem in check(BROKEN)] == ["steps[0].nonsense"]
        assert check(OTHER) == []
        assert "orders" in check(RUNS_ORDERS)[0]["message"]  # it would run itself
        flow.refresh_from_db()
        assert flow.draft == SOUND

    def test_it_wants_a_draft(self, api, flow):
        assert list(problems(api.post(f"{ORDERS}check/", {}))) == ["draft"]


class TestPublishing:
    def test_it_publishes_once_and_shows_the_history(self, api, flow):
        first = api.post(f"{ORDERS}publish/", {"note": "The first one"})
        made = first.json()
        assert (first.status_code, made["number"], made["source"]) == (201, 1, SOUND)
        again = api.post(f"{ORDERS}publish/", {"note": "Again"})
        assert (again.status_code, again.json()) == (200, made)
        api.patch(ORDERS, {"draft": OTHER})
        assert api.get(ORDERS).json()["is_published"] is False
        assert api.post(f"{ORDERS}publish/").json()["number"] == 2
        shown = api.get(ORDERS).json()
        assert (shown["latest_version"], shown["is_published"]) == (2, True)
        history = api.get(f"{ORDERS}versions/").json()["results"]
        assert [(each["number"], each["note"]) for each in history] == [
            (2, ""),
            (1, "The first one"),
        ]
        assert all("source" not in each for each in history)
        assert api.get(f"{ORDERS}versions/1/").json() == made

    def test_it_publishes_no_draft_that_cannot_run(self, api, alice):
        flow = make(alice, draft=BROKEN)
        detail = refused(api.post(f"{ORDERS}publish/", {}), 409, "cannot_run")
        assert "line 3, steps[0].nonsense: " in detail
        assert flow.latest is None

    @pytest.mark.parametrize("number", ["2", "0", "9" * 9, "9" * 30])
    def test_it_has_no_version_that_was_not_published(self, api, flow, number):
        flow.publish()
        assert api.get(f"{ORDERS}versions/{number}/").status_code == 404

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
    def test_it_changes_no_version(self, api, flow, method):
        flow.publish()
        assert getattr(api, method)(f"{ORDERS}versions/1/", {}).status_code == 405

    def test_it_refuses_a_note_that_is_too_long(self, api, flow):
        assert list(problems(api.post(f"{ORDERS}publish/", {"note": "x" * 201}))) == ["note"]


class TestWho:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("get", ""),
            ("put", ""),
            ("patch", ""),
            ("delete", ""),
            ("post", "check/"),
            ("post", "publish/"),
            ("get", "versions/"),
            ("get", "versions/1/"),
        ],
    )
    def test_it_is_not_there_for_bob(self, bobs, flow, method, path):
        flow.publish()
        assert getattr(bobs, method)(ORDERS + path, {}).status_code == 404
        assert flow.versions.count() == 1

    def test_it_wants_somebody(self, client, db):
        assert client.get(URL).status_code == 401

    def test_it_lets_a_key_read_that_may_call_every_pipe(self, by_key, flow):
        flow.publish()
        for path in ("", "orders/", "orders/versions/", "orders/versions/1/"):
            assert by_key().get(URL + path).status_code == 200
            detail = refused(by_key(pipes=[]).get(URL + path), 403, "insufficient_scope")
            assert "may not read flows" in detail

    def test_it_lets_no_key_change_check_or_publish(self, by_key, flow):
        key = by_key()
        asked = [key.post(URL, NEW | {"slug": "b"}), key.put(ORDERS, NEW), key.delete(ORDERS)]
        asked += [key.patch(ORDERS, {"name": "B"})]
        asked += [key.post(f"{ORDERS}{path}/", {"draft": OTHER}) for path in ("check", "publish")]
        for answer in asked:
            assert "sign in" in refused(answer, 403, "insufficient_scope")
        assert Flow.objects.get().latest is None
