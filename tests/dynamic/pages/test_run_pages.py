"""The page of one run, two of them compared, one of them replayed."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from dynamic.models import Flow, Pipe, Run, Simulation
from dynamic.runs.bodies import NOT_KEPT
from tests.dynamic.history import call_entry, pipe_of, run_of, stored
from tests.page_text import text_of

OTHER = "version: 1\nsteps: [{return: {body: other}}]\n"
ASK = """\
version: 1
steps:
  - call: ask
    api: shop/ask
    with: {who: "{{ payload.who }}"}
  - return: {body: "{{ steps.ask.data.said }}"}
"""


@pytest.fixture
def pipe(alice):
    return pipe_of(alice)


def page_of(client, run):
    return client.get(f"/runs/{run.pk}/")


class TestDetail:
    def test_it_tells_who_called_what_came_in_and_what_went_out(self, signed_in, pipe):
        came = {"query": {"x": "7"}, "headers": {"user-agent": "curl"}, "payload": {"who": "Ann"}}
        run = stored(
            run_of(pipe, input=came, answer={"free": 3}, message="A word", status="failed")
        )
        text = text_of(page_of(signed_in, run))
        for told in ("192.0.2.7", "0123456789", "f" * 32, run.pk, "curl", '"who": "Ann"'):
            assert told in text
        assert '"free": 3' in text
        assert "A word" in text
        assert "The flow itself said so" in text

    def test_it_draws_each_step_on_the_line_of_time(self, signed_in, pipe):
        inner = [call_entry("deep", at=60.0, ms=20.0), call_entry("last", at=80.0, ms=20.0)]
        trace = [
            call_entry("first", at=0.0, ms=50.0, attempts=[{"method": "GET", "url": "/", "at": 1}]),
            {
                "step": "loop",
                "kind": "for",
                "at": 50.0,
                "count": 1,
                "items": [{"item": 0, "steps": inner}],
                "ms": 50.0,
            },
            {"step": "cut", "kind": "call", "at": 100.0, "error": "The run ended."},
        ]
        response = page_of(signed_in, stored(run_of(pipe, trace=trace, ms=100.0)))
        text = text_of(response)
        for bar in ('"0.00%" width="50.00%"', '"60.00%" width="20.00%"', '"99.50%" width="0.50%"'):
            assert bar in text
        assert "Attempts" in text
        assert "POST https://shop.example.com/ask?who=ann" in text
        assert 'style="' not in text

    def test_it_shows_what_redaction_left_of_a_trace(self, signed_in, pipe):
        loop = {"step": "l", "kind": "for", "at": 0, "ms": 1, "items": ["… and 4 more"]}
        deep = {"step": "d", "kind": "run", "at": 0, "ms": 1, "steps": "… and deeper"}
        cut = call_entry(data="x" * 100, request="… and deeper", response="… and deeper")
        trace = [loop, deep, cut, "… and 5 more"]
        text = text_of(page_of(signed_in, stored(run_of(pipe, trace=trace))))
        assert "the record keeps the beginning only" in text

    @pytest.mark.parametrize("status", ["success", "running", "unknown", "invalid_input", "odd"])
    def test_it_shows_every_status(self, signed_in, pipe, status):
        run = stored(run_of(pipe, status=status, http_status=None, answer=None))
        text = text_of(page_of(signed_in, run))
        assert ("data-refresh" in text) is (status == "running")
        assert ("Replay" in text) is (status != "running")

    def test_it_shows_what_is_done_and_what_is_under_way(self, signed_in, pipe):
        waiting = call_entry("wait", at=3000.0)
        del waiting["ms"], waiting["response"]
        loop = {"step": "l", "kind": "for", "at": 9.0, "count": 350, "done": 12}
        loop["items"] = [{"item": 12, "steps": [waiting]}]
        run = stored(run_of(pipe, status="running", trace=[call_entry("ask"), loop], ms=4000.0))
        text = text_of(page_of(signed_in, run))
        assert "after 4.0 s" in text
        assert "Items done: <code>12</code>" in text
        assert text.count("under way</small>") == 2
        assert "No answer so far." in text

    def test_it_answers_who_looks_again_that_nothing_is_new(self, signed_in, client, pipe, bob):
        run = stored(run_of(pipe, status="running", ms=0.1))
        address = f"/runs/{run.pk}/?seen=running+0.1"
        assert signed_in.get(address).status_code == 204
        Run.objects.update(ms=1234.5)
        response = signed_in.get(address)
        assert response.status_code == 200
        assert 'data-seen="running 1234.5"' in text_of(response)
        assert signed_in.get(f"/runs/{'0' * 24}/?seen=").status_code == 404
        client.force_login(bob)
        assert client.get(f"/runs/{run.pk}/?seen=running+1234.5").status_code == 404

    def test_it_says_that_bodies_were_not_kept(self, signed_in, pipe):
        came = {"query": {}, "headers": {}, "payload": NOT_KEPT}
        run = stored(run_of(pipe, input=came, answer=NOT_KEPT))
        assert "keeps no bodies of such runs" in text_of(page_of(signed_in, run))

    def test_it_leads_to_those_before_and_after_it(self, signed_in, pipe, alice):
        runs = [run_of(pipe, timedelta(hours=hours)) for hours in (3, 2, 1)]
        stored(*runs, run_of(pipe_of(alice, "Other"), timedelta(minutes=150)))
        context = page_of(signed_in, runs[1]).context
        assert (context["previous"], context["next"]) == (runs[0], runs[2])

    def test_it_lets_bob_see_nothing(self, client, pipe, bob):
        run = stored(run_of(pipe))
        theirs = stored(run_of(pipe_of(bob)))
        client.force_login(bob)
        assert page_of(client, run).status_code == 404
        assert client.get(f"/runs/compare/?a={run.pk}&b={theirs.pk}").status_code == 404
        assert client.get(f"/runs/compare/?a={theirs.pk}&b={run.pk}").status_code == 302
        assert page_of(client, theirs).status_code == 200


class TestCompare:
    def test_it_marks_what_differs(self, signed_in, pipe):
        before = [call_entry("ask"), call_entry("gone"), {"step": "s", "kind": "set", "ms": 1.0}]
        after = [call_entry("ask", status=503), {"step": "s", "kind": "set", "ms": 90.0}]
        after.append({"step": "i", "kind": "if", "taken": "then", "ms": 1.0})
        one = run_of(pipe, timedelta(hours=1), trace=before, answer={"a": 1, "b": 2})
        other = run_of(pipe, trace=after, answer={"a": 1, "b": 3}, status="failed")
        stored(one, other)
        response = signed_in.get(f"/runs/compare/?a={one.pk}&b={other.pk}")
        steps = {step.place[-1]: step.differs for step in response.context["steps"]}
        assert steps == {"ask": True, "gone": True, "s": False, "i": True}
        facts = {word: differs for word, _, _, differs in response.context["facts"]}
        assert [word for word, differs in facts.items() if differs] == ["Status"]
        text = text_of(response)
        assert "The same came in" in text
        assert '<del>−   "b": 2' in text
        assert "3 of 4 went otherwise" in text

    @pytest.mark.parametrize(("a", "status"), [("", 404), ("x", 404), ("0" * 24, 404)])
    def test_it_wants_a_run_of_ones_own(self, signed_in, pipe, a, status):
        run = stored(run_of(pipe))
        assert signed_in.get(f"/runs/compare/?a={a}&b={run.pk}").status_code == status

    def test_it_says_where_the_other_is_none(self, signed_in, pipe):
        run = stored(run_of(pipe))
        response = signed_in.get(f"/runs/compare/?a={run.pk}&b=%00", follow=True)
        assert "There is no other run of that id" in text_of(response)


@pytest.fixture
def asked(alice, workshop):
    """A run whose call was answered with something that no mock would make up."""
    shop = workshop.system("shop")
    workshop.call(shop, "ask", "/echo", method="POST", query=[{"key": "a", "value": "{{ who }}"}])
    pipe = workshop.pipe(ASK, "Ask")
    trace = [call_entry(data={"said": "as recorded"})]
    trace[0]["request"] |= {"method": "POST", "url": f"{workshop.url}/echo?a=Ann", "body": None}
    came = {"query": {"x": "1"}, "headers": {"h": "2"}, "payload": {"who": "Ann"}}
    return stored(run_of(pipe, timedelta(days=9), input=came, trace=trace, answer="as recorded"))


class TestReplay:
    def test_it_begins_a_simulation_with_what_came_in_and_was_answered(
        self, signed_in, asked, upstream
    ):
        # Newer ones do not push it out of the choices.
        stored(*(run_of(asked.pipe) for _ in range(20)))
        url = f"/flows/{asked.pipe.flow.slug}/simulate/?run={asked.pk}"
        assert url in text_of(page_of(signed_in, asked))
        response = signed_in.get(url)
        forms = response.context["forms"]
        assert json.loads(forms.input.initial["payload"]) == {"who": "Ann"}
        assert forms.recording.initial["recording"] == f"run:{asked.pk}"
        data = {"end": "on", "calls": "mocks", **forms.input.initial, **forms.request.initial}
        data |= {"recording": f"run:{asked.pk}", "mock-0-kind": "recorded", "calls": "mocks"}
        done = signed_in.post(url, data, follow=True)
        assert "as recorded" in text_of(done)
        assert upstream.seen == []

    def test_it_begins_with_a_sample_where_bodies_were_not_kept(self, signed_in, asked):
        asked.input["payload"] = NOT_KEPT
        asked.save()
        text = text_of(signed_in.get(f"/flows/{asked.pipe.flow.slug}/simulate/?run={asked.pk}"))
        assert "no bodies were kept" in text
        assert '"Ann"' not in text

    @pytest.mark.parametrize("run", ["x", "%00", "0" * 24])
    def test_it_begins_as_ever_where_there_is_no_such_run(self, signed_in, asked, run):
        slug = asked.pipe.flow.slug
        assert signed_in.get(f"/flows/{slug}/simulate/?run={run}").context["run"] is None

    def test_it_replays_by_command_with_mocks_and_the_version_that_ran(self, asked, upstream):
        Flow.objects.update(draft=OTHER)
        out = io.StringIO()
        call_command("runs", "replay", asked.pk, "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert (told["status"], told["body"], told["same_outcome"]) == (
            "success",
            "as recorded",
            True,
        )
        assert Simulation.objects.get(pk=told["simulation"]).flow == asked.pipe.flow
        assert upstream.seen == []

    def test_it_replays_the_flow_that_ran_whatever_its_pipe_runs_now(
        self, signed_in, asked, workshop, upstream
    ):
        flow, other = asked.pipe.flow, workshop.pipe(OTHER, "Other").flow
        Pipe.objects.filter(pk=asked.pipe_id).update(flow=other)
        out = io.StringIO()
        call_command("runs", "replay", asked.pk, "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert (told["body"], told["same_outcome"]) == ("as recorded", True)
        assert Simulation.objects.get(pk=told["simulation"]).flow == flow
        page = page_of(signed_in, asked)
        assert f"/flows/{flow.slug}/versions/1/" in text_of(page)
        simulating = f"/flows/{flow.slug}/simulate/?run={asked.pk}"
        assert simulating in text_of(page)
        assert signed_in.get(simulating).context["run"] == asked
        assert signed_in.get(simulating.replace(flow.slug, other.slug)).context["run"] is None
        assert upstream.seen == []

    def test_it_replays_by_command_live(self, asked, upstream):
        out = io.StringIO()
        call_command("runs", "replay", asked.pk, "--live", stdout=out)
        assert out.getvalue().startswith("success, HTTP 200; then: success, HTTP 200")
        assert upstream.requests_to("/echo") == ["/echo?a=Ann"]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"input": {"payload": NOT_KEPT}}, "What came in was not kept"),
            ({"flow_version": 9}, "The version of the flow"),
            ({"flow_version": None}, "The version of the flow"),
        ],
    )
    def test_it_says_why_it_cannot_be_replayed(self, asked, change, why):
        Run.objects.filter(pk=asked.pk).update(**change)
        with pytest.raises(CommandError, match=why):
            call_command("runs", "replay", asked.pk)

    def test_it_knows_no_such_run(self, db):
        with pytest.raises(CommandError, match="There is no run x"):
            call_command("runs", "replay", "x")
