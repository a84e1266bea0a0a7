"""The input's form fills its schema from a sample or from past runs, and saves nothing by that."""

import json
from datetime import timedelta

import pytest

from dynamic.flow.document import parse
from dynamic.flow.learning import DEEPEST
from dynamic.flow.outcome import Status
from dynamic.pages.flow_editor_learning import MOST_RUNS
from dynamic.runs.bodies import NOT_KEPT
from dynamic.runs.redaction import MOST_ITEMS, Redactor
from dynamic.systems.drafts import fingerprint
from tests.dynamic.history import pipe_of, run_of, stored
from tests.page_text import text_of


@pytest.fixture
def pipe(alice):
    return pipe_of(alice)


def url(pipe):
    return f"/flows/{pipe.flow.slug}/edit/input/"


def ask(client, pipe, learn, **data):
    seen = {"based_on": fingerprint(pipe.flow), "schema": "", "sample": ""}
    return client.post(url(pipe), seen | {"learn": learn} | data)


def schema_in(response):
    text = response.context["form"]["schema"].value()
    return json.loads(text) if text else None


def came(payload):
    return {"input": {"query": {}, "headers": {}, "payload": Redactor([]).clean(payload)}}


class TestSample:
    def test_it_fills_the_form_and_saves_only_what_is_saved(self, signed_in, pipe):
        before = pipe.flow.draft
        page = ask(signed_in, pipe, "sample", sample='{"id": 1}')
        learned = {
            "type": "object",
            "properties": {"id": {"type": "integer"}},
            "required": ["id"],
        }
        assert schema_in(page) == learned
        assert "Nothing is saved yet" in text_of(page)
        assert 'data-guard="unsaved"' in text_of(page)
        pipe.flow.refresh_from_db()
        assert pipe.flow.draft == before
        form = page.context["form"]
        data = {name: form[name].value() for name in ("schema", "based_on")}
        assert signed_in.post(url(pipe), data).status_code == 302
        pipe.flow.refresh_from_db()
        assert parse(pipe.flow.draft).data["input"] == learned

    @pytest.mark.parametrize(("sample", "fault"), [("{", "no JSON"), ("", "Paste a payload")])
    def test_it_says_what_is_wrong_and_keeps_what_was_written(self, signed_in, pipe, sample, fault):
        page = ask(signed_in, pipe, "sample", sample=sample, schema='{"type": "obj')
        assert fault in text_of(page)
        assert page.context["form"]["schema"].value() == '{"type": "obj'
        assert page.context["form"]["based_on"].value() == fingerprint(pipe.flow)

    def test_it_learns_no_more_than_a_draft_can_hold(self, signed_in, pipe):
        sample = 1
        for _ in range(DEEPEST + 5):
            sample = {"a": sample, "b": None}
        schema = schema_in(ask(signed_in, pipe, "sample", sample=json.dumps(sample)))
        data = {"schema": json.dumps(schema), "based_on": fingerprint(pipe.flow)}
        assert signed_in.post(url(pipe), data).status_code == 302

    def test_it_still_tells_of_a_flow_that_was_changed_meanwhile(self, signed_in, pipe):
        page = ask(signed_in, pipe, "sample", sample="1", based_on="another")
        data = {name: page.context["form"][name].value() for name in ("schema", "based_on")}
        assert "changed while you were writing" in text_of(signed_in.post(url(pipe), data))

    def test_it_is_not_in_the_way_of_saving(self, signed_in, pipe):
        data = {"schema": "true", "sample": "{", "based_on": fingerprint(pipe.flow)}
        assert signed_in.post(url(pipe), data).status_code == 302


class TestRuns:
    def test_it_learns_from_the_runs_of_the_flow(self, signed_in, pipe):
        stored(run_of(pipe, **came({"id": 1})), run_of(pipe, **came({"id": 2.5, "gift": True})))
        assert "Learn from the last 2 runs" in text_of(signed_in.get(url(pipe)))
        page = ask(signed_in, pipe, "runs")
        assert schema_in(page) == {
            "type": "object",
            "properties": {"gift": {"type": "boolean"}, "id": {"type": "number"}},
            "required": ["id"],
        }
        assert "from 2 of the last 2 runs." in text_of(page)

    def test_it_skips_payloads_that_are_not_as_they_came(self, signed_in, pipe):
        deep = []
        for _ in range(200):
            deep = [deep]
        masked = [
            {"password": 5},
            {"lines": [1] * (MOST_ITEMS + 1)},
            {"deep": deep},
            {"dik_0123456789_abc": 1},
            NOT_KEPT,
        ]
        text = {"url": "https://a.example/?token=abc"}  # of which a part is masked
        stored(*[run_of(pipe, **came(payload)) for payload in [*masked, text]])
        page = ask(signed_in, pipe, "runs")
        assert schema_in(page)["properties"] == {"url": {"type": "string"}}
        told = "from 1 of the last 6 runs. The payload of 5 was masked, cut or not kept."
        assert told in text_of(page)

    def test_it_skips_what_the_flow_refused(self, signed_in, pipe):
        stored(run_of(pipe, status=Status.INVALID_INPUT, **came("bad")))
        assert "Learn from the last" not in text_of(signed_in.get(url(pipe)))
        page = ask(signed_in, pipe, "runs", schema="true")
        assert "No run of this flow" in text_of(page)
        assert schema_in(page) is True

    def test_it_says_that_no_payload_was_kept(self, signed_in, pipe):
        stored(run_of(pipe, **came(NOT_KEPT)))
        assert "Learn from the last run<" in text_of(signed_in.get(url(pipe)))
        page = ask(signed_in, pipe, "runs")
        assert "nothing to learn from: of the last 1 run," in text_of(page)
        assert schema_in(page) is None

    def test_it_looks_at_the_last_runs_only(self, signed_in, pipe):
        old = run_of(pipe, timedelta(hours=1), **came("old"))
        stored(old, *[run_of(pipe, **came(1)) for _ in range(MOST_RUNS)])
        assert schema_in(ask(signed_in, pipe, "runs")) == {"type": "integer"}

    def test_it_learns_from_no_other_flow_and_no_other_owner(self, signed_in, alice, bob, pipe):
        stored(run_of(pipe_of(alice, "Other"), **came(1)), run_of(pipe_of(bob), **came(1)))
        assert schema_in(ask(signed_in, pipe, "runs")) is None
        assert ask(signed_in, pipe_of(bob, "Theirs"), "runs").status_code == 404
