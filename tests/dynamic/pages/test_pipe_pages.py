"""The pages of pipes, as Alice uses them."""

from datetime import UTC, datetime, timedelta

import pytest

from apikeys.models import Change
from dynamic.models import Flow, Pipe, Run
from dynamic.pages import pipe_activity
from dynamic.pages.pipe_activity import DAYS, activity_of
from dynamic.pages.pipes import PER_PAGE
from dynamic.runs.filters import first_id
from tests.page_text import text_of

LIST, NEW = "/pipes/", "/pipes/new/"
DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"
CALLING = "version: 1\nsteps:\n  - call: a\n    api: shop/get\n"
RUNNING_IT = "version: 1\nsteps:\n  - run: r\n    flow: calling\n"


def flow_of(owner, slug="orders", source=DOCUMENT):
    """A flow with one version, whatever it calls."""
    flow = Flow.objects.create(owner=owner, slug=slug, name=slug.title(), draft=source)
    flow.versions.create(number=1, source=source)
    return flow


def make(owner, name="Web shop", flow=None, **fields):
    flow = flow or owner.flows.first() or flow_of(owner)
    return Pipe.objects.create(owner=owner, name=name, flow=flow, **fields)


def ran(pipe, count=1, ago=0, status="success"):
    at = datetime.now(UTC) - timedelta(days=ago)
    Run.objects.bulk_create(
        Run(
            id=first_id(at) + f"{Run.objects.count() + number:012x}",
            owner=pipe.owner,
            pipe=pipe,
            key_public_id="0" * 10,
            request_id="r",
            method="GET",
            status=status,
            http_status=200,
            started_at=at,
            ms=1.5,
            input={},
            answer=None,
            trace=[],
        )
        for number in range(count)
    )


def url(pipe, *parts):
    return "".join(f"{part}/" for part in (f"/pipes/{pipe.pk}", *parts))


def filled(pipe_or_flow, **changes):
    """What the browser sends of the form as it stands."""
    is_pipe = isinstance(pipe_or_flow, Pipe)
    pipe = pipe_or_flow if is_pipe else Pipe(flow=pipe_or_flow, name="New")
    names = ["deadline", "body_limit", "failure_mode", "keep_bodies", "keep_days", "keep_runs"]
    names += ["calls_a_minute", "at_once", "cache_seconds", "methods", "name", "alert_rule"]
    data = {name: getattr(pipe, name) for name in names}
    return (
        data
        | {
            "flow": pipe.flow.pk,
            "enabled": "on",
            "cache_headers": "",
            "redact_names": "",
            "alert_addresses": "",
        }
        | changes
    )


class TestList:
    def test_it_asks_strangers_to_sign_in(self, client):
        assert client.get(LIST).url.startswith("/account/sign-in/")

    def test_it_says_what_a_pipe_is_where_there_is_none(self, signed_in):
        text = text_of(signed_in.get(LIST))
        assert "A pipe gives a flow a URL" in text
        assert NEW in text

    def test_it_shows_ones_own_with_flow_version_and_state(self, signed_in, alice, bob):
        flow = flow_of(alice)
        make(alice, "On", pinned=flow.latest)
        make(alice, "Off", enabled=False)
        bare = Flow.objects.create(owner=alice, slug="bare", name="Bare", draft=DOCUMENT)
        make(alice, "Nothing", flow=bare)
        make(bob, "Bob's")
        text = text_of(signed_in.get(LIST))
        assert "v1 pinned" in text
        for state in (">on<", ">off<", "nothing published"):
            assert text.count(state) == 1
        assert "Bob's" not in text

    def test_it_tells_the_systems_also_of_flows_that_are_run(self, signed_in, alice):
        alice.systems.create(slug="shop", name="The shop", base_url="https://shop.example")
        alice.systems.create(slug="other", name="Another", base_url="https://other.example")
        make(alice, "Outer", flow=flow_of(alice, "outer", RUNNING_IT))
        flow_of(alice, "calling", CALLING)
        text = text_of(signed_in.get(LIST))
        assert "The shop" in text
        assert "Another" not in text

    def test_it_tells_calls_and_failures_of_15_days(self, signed_in, alice, bob):
        pipe, quiet = make(alice), make(alice, "Quiet")
        ran(pipe, 3)
        ran(pipe, 1, ago=DAYS - 1, status="failed")
        ran(pipe, 5, ago=DAYS + 1)
        text = text_of(signed_in.get(LIST))
        assert "4 calls in 15 days, 1 failed" in text
        assert "25 % failed" in text
        assert text.count("0 calls in 15 days") == 1
        assert quiet.name in text

    def test_it_counts_in_one_query_whatever_the_number_of_pipes(
        self, signed_in, alice, django_assert_max_num_queries
    ):
        for number in range(20):
            ran(make(alice, f"Pipe {number}"))
        with django_assert_max_num_queries(10):
            signed_in.get(LIST)

    def test_it_finds_by_name_id_and_flow(self, signed_in, alice):
        pipe = make(alice)
        make(alice, "Stock", flow=flow_of(alice, "warehouse"))
        for query in ("web SHOP", pipe.pk.upper(), "orders"):
            text = text_of(signed_in.get(LIST, {"q": query}))
            assert "Web shop" in text
            assert "Stock" not in text
        assert "None of them fits" in text_of(signed_in.get(LIST, {"q": "nothing"}))

    def test_it_shows_pages(self, signed_in, alice):
        flow = flow_of(alice)
        Pipe.objects.bulk_create(
            Pipe(owner=alice, flow=flow, name=f"Pipe {number:03}") for number in range(PER_PAGE + 1)
        )
        first, second = text_of(signed_in.get(LIST)), text_of(signed_in.get(f"{LIST}?page=2"))
        assert "Page 1 of 2" in first
        assert f"Pipe {PER_PAGE:03}" not in first
        assert f"Pipe {PER_PAGE:03}" in second


class TestChart:
    def test_it_draws_each_day_and_lets_no_failure_out_of_sight(self, alice):
        pipe = make(alice)
        ran(pipe, 40)
        ran(pipe, 400, ago=1)
        ran(pipe, 1, ago=1, status="flow_error")
        ran(pipe, 1, status="running")
        activity = activity_of(pipe.runs.all(), [pipe.pk])[pipe.pk]
        assert (activity.calls, activity.failed) == (442, 1)
        assert len(activity.days) == DAYS
        yesterday, today = activity.bars
        assert (yesterday.y, yesterday.height) == (0, 32)
        assert yesterday.failed_height >= 1
        assert (today.failed_height, today.x) == (0, 140)

    def test_it_says_where_it_stops_counting(self, signed_in, alice, monkeypatch):
        pipe = make(alice)
        ran(pipe, 3)
        ran(pipe, 2, ago=1)
        for most, told in ((6, False), (5, True), (4, True)):
            monkeypatch.setattr(pipe_activity, "MOST", most)
            text = text_of(signed_in.get(url(pipe)))
            assert f"{min(most, 5)} calls in 15 days" in text
            assert ("are counted" in text) is told


class TestEditing:
    def test_it_wants_a_flow_first(self, signed_in):
        assert "First a flow" in text_of(signed_in.get(NEW))

    def test_it_makes_one_and_shows_its_url(self, signed_in, alice, settings):
        flow = flow_of(alice)
        assert "selected" in text_of(signed_in.get(f"{NEW}?flow={flow.slug}"))
        response = signed_in.post(NEW, filled(flow), follow=True)
        pipe = alice.pipes.get()
        assert response.redirect_chain[0][0] == url(pipe)
        assert f"{settings.SITE_URL}/v1/dynamic/listener/{pipe.pk}" in text_of(response)
        assert (pipe.methods, pipe.pinned, pipe.enabled) == (["GET", "POST"], None, True)

    def test_it_changes_all_of_it(self, signed_in, alice):
        pipe = make(alice)
        changes = {
            "name": "Other",
            "version": "1",
            "methods": ["PUT"],
            "deadline": "5",
            "body_limit": "10",
            "failure_mode": "compat",
            "keep_bodies": "off",
            "keep_days": "0",
            "keep_runs": "7",
            "calls_a_minute": "8",
            "at_once": "9",
            "cache_seconds": "60",
            "cache_headers": "Accept-Language, X-Shop",
            "cache_shared": "on",
            "redact_names": "iban",
            "alert_rule": "complete",
            "alert_addresses": "a@example.com, b@example.com",
        }
        data = filled(pipe, **changes)
        del data["enabled"]
        assert signed_in.post(url(pipe, "edit"), data).status_code == 302
        pipe.refresh_from_db()
        assert (pipe.pinned.number, pipe.methods, pipe.enabled) == (1, ["PUT"], False)
        assert (pipe.cache_headers, pipe.cache_shared) == (["Accept-Language", "X-Shop"], True)
        assert pipe.redact_names == ["iban"]
        assert pipe.alert_addresses == ["a@example.com", "b@example.com"]
        for name in (
            "deadline",
            "body_limit",
            "failure_mode",
            "keep_bodies",
            "keep_runs",
            "alert_rule",
        ):
            assert str(getattr(pipe, name)) == changes[name]
        text = text_of(signed_in.get(url(pipe, "edit")))
        assert "Accept-Language, X-Shop" in text
        assert signed_in.post(url(pipe, "edit"), filled(pipe)).status_code == 302
        pipe.refresh_from_db()
        assert (pipe.pinned, pipe.cache_headers) == (None, [])

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"name": "Taken"}, "Another pipe of yours has this name."),
            ({"version": "2"}, "“Orders” has no version 2: the latest is 1."),
            ({"methods": []}, "Choose one at least."),
            ({"flow": ""}, "Choose a flow."),
            ({"deadline": "0"}, "greater than or equal to 1"),
            ({"cache_headers": "a b"}, "names of headers"),
            ({"alert_addresses": "nobody"}, "“nobody” is no mail address."),
            ({"failure_mode": "none"}, "Select a valid choice"),
        ],
    )
    def test_it_tells_what_is_wrong_and_saves_nothing(self, signed_in, alice, change, told):
        pipe = make(alice)
        make(alice, "Taken")
        response = signed_in.post(url(pipe, "edit"), filled(pipe, **change))
        assert told in text_of(response)
        assert "Nothing is saved yet" in text_of(response)
        pipe.refresh_from_db()
        assert (pipe.name, pipe.deadline, pipe.pinned) == ("Web shop", 30, None)

    def test_it_takes_no_flow_of_somebody_else(self, signed_in, alice, bob):
        pipe, foreign = make(alice), flow_of(bob)
        response = signed_in.post(url(pipe, "edit"), filled(pipe, flow=foreign.pk))
        assert response.status_code == 200
        assert foreign.name not in text_of(signed_in.get(NEW)).replace(pipe.flow.name, "")

    def test_it_deletes_with_a_word_on_the_runs(self, signed_in, alice):
        pipe = make(alice)
        ran(pipe, 2)
        assert "record of its 2 runs goes" in text_of(signed_in.get(url(pipe, "delete")))
        assert Pipe.objects.exists()
        signed_in.post(url(pipe, "delete"))
        assert not Pipe.objects.exists()
        assert not Run.objects.exists()


class TestPage:
    def test_it_shows_the_last_runs_with_what_went_wrong(self, signed_in, alice):
        pipe = make(alice)
        ran(pipe, 25)
        ran(pipe, status="upstream_failed")
        text = text_of(signed_in.get(url(pipe)))
        assert text.count("<time") == 20
        assert text.count("upstream failed") == 1

    def test_it_says_where_calls_come_from(self, signed_in, alice, settings):
        pipe = make(alice)
        assert "Ask the people who run" in text_of(signed_in.get(url(pipe)))
        settings.OUTBOUND_ADDRESSES = ("203.0.113.7", "2001:db8::/64")
        text = text_of(signed_in.get(url(pipe)))
        assert "203.0.113.7" in text
        assert "2001:db8::/64" in text
        assert "Ask the people who run" not in text

    def test_it_warns_where_calls_cannot_work(self, signed_in, alice):
        off = make(alice, enabled=False)
        assert "It is off" in text_of(signed_in.get(url(off)))
        bare = Flow.objects.create(owner=alice, slug="bare", name="Bare", draft=DOCUMENT)
        text = text_of(signed_in.get(url(make(alice, "Nothing", flow=bare))))
        assert "not published" in text

    def test_it_escapes_what_people_write(self, signed_in, alice):
        pipe = make(alice, "<script>alert(1)</script>")
        for page in (LIST, url(pipe), url(pipe, "edit"), url(pipe, "console"), url(pipe, "delete")):
            assert "<script>alert" not in signed_in.get(page).content.decode()

    @pytest.mark.parametrize(
        "page", ["", "edit/", "delete/", "console/", "openapi.json", "postman.json"]
    )
    def test_it_knows_nothing_of_bobs(self, signed_in, bob, page):
        pipe = make(bob)
        assert signed_in.get(url(pipe) + page).status_code == 404
        assert signed_in.post(url(pipe) + page).status_code in {404, 405}


class TestConsole:
    def test_it_sends_the_key_to_no_page(self, signed_in, alice):
        pipe = make(alice)
        text = text_of(signed_in.get(url(pipe, "console")))
        assert '<form method="dialog"' in text
        assert signed_in.post(url(pipe, "console")).status_code == 405

    def test_it_shows_the_steps_of_a_run_that_is_recorded(self, signed_in, alice, bob):
        pipe = make(alice)
        ran(pipe)
        run = pipe.runs.get()
        run.trace = [{"step": "order", "kind": "call", "ms": 2.0}]
        run.save()
        trace = url(pipe, "console", "runs", run.pk)
        assert "order" in text_of(signed_in.get(trace))
        assert signed_in.get(url(pipe, "console", "runs", "0" * 24)).status_code == 204
        signed_in.force_login(bob)
        assert signed_in.get(trace).status_code == 404


class TestPurging:
    def test_it_has_servers_forget_kept_answers_where_there_may_be_some(self, signed_in, alice):
        pipe = make(alice, cache_seconds=60)
        assert "Forget kept answers" in text_of(signed_in.get(url(pipe)))
        before = Change.objects.count()
        assert "are forgotten" in text_of(signed_in.post(url(pipe, "purge"), follow=True))
        assert Change.objects.count() == before + 1  # what servers learn it from
        assert "Forget kept answers" not in text_of(signed_in.get(url(make(alice, "Plain"))))

    def test_it_is_for_the_owner_alone(self, signed_in, bob):
        assert signed_in.post(url(make(bob, cache_seconds=60), "purge")).status_code == 404
