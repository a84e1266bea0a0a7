"""Simulating a flow's draft from its pages: live or with mocks, at once or step by step."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from dynamic.models import ApiCall, Flow, Run, Simulation
from dynamic.models.simulation import MOST_KEPT
from dynamic.pages.step_texts import MOST_SHOWN
from dynamic.simulating.setup import Setup
from tests.page_text import text_of

CANARY = "flow-credential-canary-3c0d"
ASK = """\
version: 1
steps:
  - call: ask
    api: shop/echo
    with: {a: "{{ payload.a }}"}
  - set: {got: "{{ steps.ask.data.query.a }}"}
  - return: {status: 201, body: "{{ got }}"}
"""


@pytest.fixture
def shop(workshop):
    system = workshop.system("shop", "", "header", {"secret": CANARY}, auth={"name": "X-Key"})
    workshop.call(system, "echo", "/echo", query=[{"key": "a", "value": "{{ a }}"}])
    return system


@pytest.fixture
def ask(alice, shop):
    return make(alice, ASK)


def make(owner, draft, slug="f"):
    return Flow.objects.create(owner=owner, slug=slug, draft=draft, name=slug.title())


def steps(text):
    return f"version: 1\nsteps:\n{text}"


def url(flow):
    return f"/flows/{flow.slug}/simulate/"


def start(client, flow, *, step=False, calls="live", mocks=(), **fields):
    """Begin one as the page does, and follow to its own."""
    data = {"payload": "{}", "calls": calls, "method": "POST", "recording": ""} | fields
    for number, mock in enumerate(mocks):
        data |= {f"mock-{number}-{name}": value for name, value in mock.items()}
    data["step" if step else "end"] = "on"
    return client.post(url(flow), data, follow=True)


def live(client, flow, payload="{}", **more):
    mocks = [{"kind": "sample"}] * flow.draft.count("api: ")
    return start(client, flow, payload=payload, mocks=mocks, **more)


def mocked(client, flow, *mocks, **more):
    return start(client, flow, calls="mocks", mocks=mocks, **more)


def go(client, response, to="next", **values):
    """Go on from the page as it was shown, with some values changed."""
    page = response.context
    data = {"value-turn": page["form"].initial["turn"], "to": to}
    label = values.pop("label", None)
    data |= {"label": label} if label else {}
    data |= {f"value-of-{field.label}": field.initial for field, _ in page["form"].values()}
    data |= {f"value-of-{name}": value for name, value in values.items()}
    return client.post(response.request["PATH_INFO"], data, follow=True)


class TestLive:
    def test_it_says_that_calls_are_really_made(self, signed_in, ask):
        text = text_of(signed_in.get(url(ask)))
        assert "Live: they are really made" in text

    def test_it_runs_the_draft_and_shows_each_step(self, signed_in, ask, upstream):
        response = live(signed_in, ask, '{"a": "x-7"}')
        text = text_of(response)
        assert response["Cache-Control"].startswith("max-age=0")
        assert "success" in text
        assert "HTTP 201" in text
        assert upstream.requests_to("/echo") == ["/echo?a=x-7"]
        assert f"GET {upstream.url}/echo?a=x-7" in text
        assert "Request and response" in text
        # The upstream gave the credential back, in the answer.
        assert "X-Key" in text
        assert CANARY not in text

    def test_it_shows_steps_inside_of_others(self, signed_in, alice, shop):
        make(alice, steps("  - return: {body: 1}\n"), "inner").publish()
        flow = make(
            alice,
            steps(
                "  - for: x\n    in: '{{ [1, 2] }}'\n    do:\n"
                "      - call: ask\n        api: shop/echo\n        with: {a: '{{ x }}'}\n"
                "  - run: other\n    flow: inner\n"
                "  - return: {}\n    then: [{log: after}]\n"
            ),
        )
        text = text_of(live(signed_in, flow))
        for shown in ("Item 1", "Item 2", "Its steps", "/echo?a=2", "after the answer"):
            assert shown in text

    def test_it_makes_no_call_twice(self, signed_in, ask, upstream):
        response = live(signed_in, ask, '{"a": "1"}', step=True)
        assert "Before ask" in re.sub(r"<.*?>", "", text_of(response))
        assert upstream.seen == []
        for _ in range(3):
            response = go(signed_in, response)
            assert CANARY not in text_of(response)
        assert "HTTP 201" in text_of(response)
        assert upstream.requests_to("/echo") == ["/echo?a=1"]

    def test_it_makes_none_for_a_page_that_is_out_of_date(self, signed_in, ask, upstream):
        page = live(signed_in, ask, step=True)
        go(signed_in, page)
        text = text_of(go(signed_in, page, "end", payload='{"a": "other"}'))
        assert "It has gone on meanwhile" in text
        assert Simulation.objects.get().turn == 2
        assert len(upstream.seen) == 1

    def test_it_makes_none_while_another_goes_on_with_it(self, signed_in, ask, upstream):
        page = live(signed_in, ask, step=True)
        later = timezone.now() + timedelta(seconds=5)
        Simulation.objects.update(busy_until=later)
        assert "or is doing so" in text_of(go(signed_in, page))
        assert upstream.seen == []
        Simulation.objects.update(busy_until=timezone.now())  # the server of that one has died
        go(signed_in, page)
        assert len(upstream.seen) == 1

    def test_it_sends_mails_once(self, signed_in, alice, db):
        flow = make(alice, steps("  - notify: Ho\n  - log: x\n  - log: z\n"))
        page = live(signed_in, flow, step=True)
        for _ in range(3):
            page = go(signed_in, page)
        assert [message.subject for message in outbox.outbox] == ["Ho"]


class TestMocks:
    def test_it_answers_with_samples_and_sends_nothing(self, signed_in, ask, upstream):
        ApiCall.objects.update(sample_response={"query": {"a": "sampled"}})
        text = text_of(mocked(signed_in, ask, {"kind": "sample"}))
        assert "sampled" in text
        assert "nothing leaves this machine" in text
        assert upstream.seen == []

    def test_it_names_the_call_that_has_no_sample_and_goes_on_once_it_has(self, signed_in, ask):
        page = mocked(signed_in, ask, {"kind": "sample"})
        assert "The API call shop/echo has no sample response: give it one" in text_of(page)
        ApiCall.objects.update(sample_response={"query": {"a": "late"}})
        assert "HTTP 201" in text_of(go(signed_in, page, "end"))

    def test_it_answers_what_was_typed(self, signed_in, ask):
        answer = {"kind": "answer", "status": "202", "body": '{"query": {"a": "mine"}}'}
        page = mocked(signed_in, ask, answer)
        assert page.context["result"]["body"] == "mine"
        assert "HTTP 202" in text_of(page)

    @pytest.mark.parametrize(
        ("kind", "told"),
        [
            ("429", "answered with status 429"),
            ("500", "answered with status 500"),
            ("timed_out", "did not answer in time"),
            ("unreachable", "No connection to the system could be made"),
        ],
    )
    def test_it_plays_faults(self, signed_in, ask, kind, told):
        page = mocked(signed_in, ask, {"kind": kind})
        assert page.context["result"]["status"] == "upstream_failed"
        assert told in page.context["result"]["message"]

    def test_it_plays_a_run_again(self, signed_in, ask, upstream):
        live(signed_in, ask, '{"a": "x-7"}')
        (recording,) = [value for value, _ in signed_in.get(url(ask)).context["runs"]]
        upstream.seen.clear()
        page = mocked(signed_in, ask, {"kind": "recorded"}, recording=recording)
        assert page.context["result"]["body"] == "x-7"
        assert upstream.seen == []
        Simulation.objects.filter(pk=recording.partition(":")[2]).delete()
        page = mocked(signed_in, ask, {"kind": "recorded"}, recording=recording)
        assert "not one of the available choices" in text_of(page)

    def test_it_plays_what_a_pipe_was_answered(self, signed_in, ask, alice, bob):
        trace = live(signed_in, ask, '{"a": "x-7"}').context["simulation"].shown["trace"]
        Simulation.objects.all().delete()
        ask.publish()
        run = Run(owner=alice, pipe=alice.pipes.create(name="P", flow=ask), method="POST")
        fields = {"id": "a" * 24, "status": "success", "http_status": 200, "ms": 1.0}
        fields |= {"input": {}, "answer": None, "trace": trace, "started_at": timezone.now()}
        fields["flow_id"] = ask.pk
        for name, value in fields.items():
            setattr(run, name, value)
        run.save()
        page = mocked(signed_in, ask, {"kind": "recorded"}, recording=f"run:{run.pk}")
        assert page.context["result"]["body"] == "x-7"
        Run.objects.update(owner=bob)
        assert signed_in.get(url(ask)).context["runs"] == []

    def test_it_asks_which_run_to_play(self, signed_in, ask):
        text = text_of(mocked(signed_in, ask, {"kind": "recorded"}))
        assert "Choose the run to play again, above." in text
        assert not Simulation.objects.exists()

    def test_it_shows_mails_and_does_not_wait(self, signed_in, alice):
        flow = make(alice, steps("  - notify: Ho\n  - sleep: 3000\n"))
        page = mocked(signed_in, flow)
        text = text_of(page)
        assert page.context["result"]["status"] == "success"
        assert "The mail is shown, and not sent." in text
        assert "3000 s, which are not waited for." in text
        assert outbox.outbox == []


class TestSteps:
    def test_it_shows_what_the_next_step_sees_and_goes_on_with_what_is_changed(
        self, signed_in, ask
    ):
        answer = {"kind": "answer", "status": "200", "body": '{"query": {"a": "mine"}}'}
        page = mocked(signed_in, ask, answer, step=True)
        page = go(signed_in, page, "step", label="steps[2]")
        assert page.context["standing"]["scope"]["got"] == "mine"
        page = go(signed_in, page, got='"changed"')
        assert page.context["result"]["body"] == "changed"
        assert "Edited got" in text_of(page)

    def test_it_says_what_the_next_step_does(self, signed_in, alice):
        flow = make(alice, steps("  - log: Packed\n"))
        assert start(signed_in, flow, calls="mocks", step=True).context["does"] == "Log Packed"

    def test_it_unfolds_the_item_that_went_wrong(self, signed_in, alice):
        loop = steps("  - for: n\n    in: '{{ [1, 0] }}'\n    do:\n")
        flow = make(alice, loop + "      - if: '{{ n = 0 }}'\n        then: [{fail: no}]\n")
        (step,) = start(signed_in, flow, calls="mocks").context["steps"]
        assert [item.is_open for item in step.inner] == [False, True]

    def test_it_changes_only_what_was_changed(self, signed_in, ask):
        page = mocked(signed_in, ask, {"kind": "500"}, step=True, payload='{"a": 1.0, "b": "é"}')
        page = go(signed_in, page, "end", **{"payload": ""})  # emptied: left as it is
        assert Simulation.objects.get().progress["edits"] == {}
        assert "Edited " not in text_of(page)

    def test_it_runs_nothing_where_a_value_is_no_json(self, signed_in, ask):
        page = mocked(signed_in, ask, {"kind": "500"}, step=True)
        text = text_of(go(signed_in, page, payload="{"))
        assert "It is no JSON from line 1" in text
        assert Simulation.objects.get().turn == 1

    def test_it_changes_no_value_that_is_too_long(self, signed_in, alice):
        flow = make(alice, steps("  - log: x\n"))
        page = mocked(signed_in, flow, step=True, payload=json.dumps("x" * 20_000))
        assert "too long to change" in text_of(page)
        assert go(signed_in, page, "end").context["result"]["status"] == "success"

    def test_it_begins_again_with_what_was_chosen(self, signed_in, ask):
        answer = {"kind": "answer", "status": "202", "body": "[1]"}
        page = mocked(signed_in, ask, answer, payload='{"a": 5}', query='{"q": "1"}')
        again = signed_in.get(f"{url(ask)}?from={page.context['simulation'].pk}")
        form = again.context["forms"]
        assert json.loads(form.input["payload"].value()) == {"a": 5}
        assert json.loads(form.request["query"].value()) == {"q": "1"}
        assert (form.mocks[0]["kind"].value(), form.mocks[0]["status"].value()) == ("answer", 202)
        for nonsense in ("x", "9" * 30, "0"):
            assert signed_in.get(f"{url(ask)}?from={nonsense}").status_code == 200

    def test_it_begins_with_what_was_chosen_last_but_not_live(self, signed_in, ask):
        live(signed_in, ask, '{"a": 5}')
        form = signed_in.get(url(ask)).context["forms"]
        assert json.loads(form.input["payload"].value()) == {"a": 5}
        assert form.input["calls"].value() == "mocks"

    def test_it_begins_with_a_sample_of_the_input(self, signed_in, alice):
        source = "version: 1\ninput: {type: object, properties: {n: {type: integer, example: 7}}}\n"
        flow = make(alice, f"{source}steps: [{{log: x}}]\n")
        form = signed_in.get(url(flow)).context["forms"]
        assert json.loads(form.input["payload"].value()) == {"n": 7}

    def test_it_goes_nowhere_once_it_has_ended(self, signed_in, ask):
        page = mocked(signed_in, ask, {"kind": "500"})
        assert "It has ended." in text_of(go(signed_in, page))

    def test_it_keeps_the_draft_it_began_with(self, signed_in, ask):
        page = mocked(signed_in, ask, {"kind": "500"}, step=True)
        Flow.objects.update(draft=steps("  - log: x\n"))
        text = text_of(go(signed_in, page, "end"))
        assert "answered with status 500" in text
        assert "the flow was changed since" in text

    def test_it_says_why_it_can_go_on_no_more(self, signed_in, ask):
        page = mocked(signed_in, ask, {"kind": "500"}, step=True)
        ApiCall.objects.all().delete()
        assert "The flow cannot run any more." in text_of(go(signed_in, page))


class TestInput:
    def test_it_takes_the_query_for_the_payload_on_get(self, signed_in, alice):
        flow = make(
            alice, steps("  - return: {body: '{{ [method, payload.q, query.q, headers.h] }}'}\n")
        )
        page = mocked(
            signed_in, flow, payload="", method="GET", query='{"q": "1"}', headers='{"h": "2"}'
        )
        assert page.context["result"]["body"] == ["GET", "1", "1", "2"]

    @pytest.mark.parametrize("payload", ["[", "nope", '{"a": "\\u0000"}', "[" * 101 + "]" * 101])
    def test_it_runs_nothing_where_the_payload_is_none(self, signed_in, alice, payload):
        flow = make(alice, steps("  - log: x\n"))
        assert "is-invalid" in text_of(mocked(signed_in, flow, payload=payload))
        assert not Simulation.objects.exists()

    def test_it_says_what_does_not_fit_in_the_payload(self, signed_in, alice):
        source = "version: 1\ninput: {type: object, required: [a]}\nsteps: [{log: x}]\n"
        page = mocked(signed_in, make(alice, source))
        assert "What does not fit in the payload" in text_of(page)

    def test_it_says_what_keeps_a_draft_from_running(self, signed_in, alice):
        text = text_of(signed_in.get(url(make(alice, steps("  - nonsense: 1\n")))))
        assert "The draft cannot run" in text
        assert "nonsense is not a kind of step" in text

    def test_it_tells_what_a_system_lacks(self, signed_in, ask, shop, upstream):
        shop.credentials.all().delete()
        shop.base_url = ""
        shop.save()
        text = text_of(live(signed_in, ask))
        assert "nothing was sent. The system shop has no base URL" in text

    def test_it_tells_why_it_did_not_end_well(self, signed_in, alice):
        fail = "  - fail: {status: 409, message: Sold out, data: {left: 0}}\n"
        text = text_of(mocked(signed_in, make(alice, steps(fail))))
        assert "HTTP 409. Sold out" in text
        assert '"left": 0' in text


class TestKeeping:
    def test_it_lets_bob_see_nothing(self, client, signed_in, ask, bob):
        page = mocked(signed_in, ask, {"kind": "500"}, step=True)
        path = page.request["PATH_INFO"]
        client.force_login(bob)
        make(bob, ASK)  # of the same slug
        assert client.get(path).status_code == 404
        assert client.post(path, {"value-turn": 1, "to": "end"}).status_code == 404

    def test_it_asks_strangers_to_sign_in(self, client, db):
        for path in ("/flows/f/simulate/", "/flows/f/simulate/1/"):
            assert client.get(path).url.startswith("/account/sign-in/")

    def test_it_forgets_old_ones(self, signed_in, alice, bob):
        flow = make(alice, steps("  - log: x\n"))
        theirs = make(bob, steps("  - log: x\n"))
        setup = Setup(flow.draft).as_dict()
        for owner, made in ((alice, flow), (bob, theirs)):
            rows = [
                Simulation(owner=owner, flow=made, setup=setup, progress={}, shown={})
                for _ in range(MOST_KEPT)
            ]
            Simulation.objects.bulk_create(rows)
        first = theirs.simulations.last()
        Simulation.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=2))
        mocked(signed_in, flow)
        assert alice.simulations.count() == MOST_KEPT
        assert bob.simulations.count() == MOST_KEPT - 1

    def test_it_shows_no_more_steps_than_a_page_holds(self, signed_in, alice):
        flow = make(
            alice,
            steps(
                "  - for: x\n    in: '{{ [1..50] }}'\n    do:\n"
                "      - for: z\n        in: '{{ [1..50] }}'\n        do:\n"
                "          - set: {a: 1}\n"
            ),
        )
        text = text_of(mocked(signed_in, flow))
        assert f"The first {MOST_SHOWN} steps are shown" in text

    def test_it_is_encrypted(self, signed_in, ask):
        live(signed_in, ask, '{"a": "in-the-clear"}', step=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setup, progress, shown FROM dynamic_simulation")
            assert "in-the-clear" not in str(cursor.fetchall())
