"""The form of one step, as Alice fills it in."""

import json
import re

import pytest

from dynamic.flow.document import parse
from dynamic.models import Flow
from dynamic.pages.step_forms.kinds import KINDS
from dynamic.systems.drafts import fingerprint
from tests.dynamic.pages.test_flow_editor import DRAFT, echo, flow, make, url
from tests.page_text import text_of

__all__ = ["echo", "flow"]


def at(flow, *place):
    return f"{url(flow, 'step')}?at={json.dumps(place)}"


def new(flow, kind, index=0, into=("steps",), **more):
    query = "".join(f"&{key}={value}" for key, value in more.items())
    return f"{url(flow, 'step')}?into={json.dumps(into)}&index={index}&kind={kind}{query}"


def save(client, address, page=None, **data):
    """As the page shows it, or as one that was shown before."""
    context = (page or client.get(address)).context
    hidden = {"step_kind": context["target"].kind.name}
    hidden |= {key: context[key] for key in ("based_on", "shown")}
    return client.post(address, hidden | data)


def steps_of(flow):
    flow.refresh_from_db()
    return parse(flow.draft).data["steps"]


class TestAdding:
    def test_it_offers_each_kind_where_it_can_stand(self, signed_in, flow):
        add = f"{url(flow, 'add')}?index=0&into="
        outside = text_of(signed_in.get(f'{add}["steps"]'))
        inside = text_of(signed_in.get(f'{add}["steps",2,"do"]'))
        for word in ("API call", "For each", "Notify", "Fail"):
            assert word in outside
        assert "Ends the loop around it." not in outside
        assert "Ends the loop around it." in inside

    def test_it_asks_for_what_a_kind_needs_before_it_finds_fault(self, signed_in, flow):
        add = f'{url(flow, "add")}?into=["steps",2,"do"]&index=0'
        links = re.findall(r'href="([^"]*&kind=(\w+))"', text_of(signed_in.get(add)))
        assert {kind for _, kind in links} == {kind.name for kind in KINDS.values() if kind.form}
        for link, kind in links:
            if kind != "call":
                assert not signed_in.get(link).context["failed"]

    def test_it_offers_api_calls_by_system(self, signed_in, flow, bob, alice):
        text = text_of(signed_in.get(f'{url(flow, "add")}?into=["steps"]&index=0&kind=call'))
        assert "api=shop%2Fecho" in text
        alice.systems.all().delete()
        text = text_of(signed_in.get(f'{url(flow, "add")}?into=["steps"]&index=0&kind=call'))
        assert "No API calls yet" in text

    def test_it_begins_a_call_with_its_name_and_its_arguments(self, signed_in, flow):
        form = signed_in.get(new(flow, "call", 1, api="shop/echo")).context["form"]
        assert form["call"].value() == "echo"
        assert form["arguments"].value() == "id::\na::"

    def test_it_adds_a_call_and_shows_it(self, signed_in, flow):
        address = new(flow, "call", 1, api="shop/echo")
        data = {"call": "echo", "api": "shop/echo", "on_error": "fail"}
        answer = save(signed_in, address, arguments='id::{{ payload.id }}\r\na::"5"', **data)
        assert answer.url == f"{url(flow)}#steps-1"
        assert steps_of(flow)[1] == {
            "call": "echo",
            "api": "shop/echo",
            "with": {"id": "{{ payload.id }}", "a": "5"},
        }
        assert "# Ask first." in flow.draft

    def test_it_adds_into_a_branch_that_is_not_there_yet_or_empty(self, signed_in, flow):
        save(signed_in, new(flow, "log", 0, ("steps", 1, "else")), message="x", level="detail")
        assert steps_of(flow)[1]["else"] == [{"log": "x"}]
        save(signed_in, new(flow, "if", 0), condition="{{ a }}")
        assert steps_of(flow)[0] == {"if": "{{ a }}", "then": []}
        save(signed_in, new(flow, "log", 0, ("steps", 0, "then")), message="y", level="error")
        assert steps_of(flow)[0]["then"] == [{"log": {"level": "error", "message": "y"}}]

    def test_it_adds_at_once_what_has_nothing_to_fill_in(self, signed_in, flow):
        address = new(flow, "break", 0, ("steps", 2, "do"))
        data = {"based_on": fingerprint(flow)}
        assert signed_in.post(address, data).url == f"{url(flow)}#steps-2-do-0"
        assert steps_of(flow)[2]["do"][0] == {"break": None}
        text = text_of(signed_in.post(address, data, follow=True))
        assert "changed since the page was shown" in text
        assert signed_in.get(address).status_code == 404

    def test_it_offers_what_the_step_can_see(self, signed_in, flow, echo):
        echo.sample_response = {"id": 7}
        echo.save()
        text = text_of(signed_in.get(new(flow, "log", 1)))
        assert 'data-pick="steps.ask.data.id"' in text
        assert 'data-pick="steps.ask' not in text_of(signed_in.get(new(flow, "log", 0)))

    @pytest.mark.parametrize(
        "query",
        ["", "?kind=log", '?kind=log&into=["steps"]', "?kind=log&into=5&index=0", "?at=[", "?at=[]",
         '?at=["steps"]', '?at=["steps",9]', '?kind=lag&into=["steps"]&index=0',
         '?kind=log&into=["steps"]&index=-1'],
    )  # fmt: skip
    def test_it_knows_no_other_places(self, signed_in, flow, query):
        assert signed_in.get(url(flow, "step") + query).status_code == 404

    def test_it_says_where_the_place_is_gone(self, signed_in, flow):
        address = new(flow, "log", 99)
        text = text_of(save(signed_in, address, message="kept", level="detail"))
        assert "load the flow again" in text
        assert "kept" in text


class TestEditing:
    def test_it_keeps_comments_and_what_is_inside(self, signed_in, flow):
        answer = save(
            signed_in, at(flow, "steps", 1), condition="{{ payload.k }}", elif_0="{{ payload.m }}"
        )
        assert answer.url == f"{url(flow)}#steps-1"
        assert flow.draft.replace("payload.n", "payload.k") == Flow.objects.get().draft

    def test_it_changes_nothing_where_nothing_was_changed(self, signed_in, flow):
        save(signed_in, at(flow, "steps", 3), body="1")
        flow.refresh_from_db()
        assert flow.draft == DRAFT

    def test_it_saves_what_cannot_run_and_tells_it_at_the_step(self, signed_in, flow):
        data = {"call": "ask", "api": "", "on_error": "fail"}
        text = text_of(save(signed_in, at(flow, "steps", 0), **data))
        assert "Choose the API call." in text
        assert "Nothing is saved yet" in text
        answer = save(signed_in, at(flow, "steps", 3), body="{{ 1 + }}")
        rows = signed_in.get(answer.url.partition("#")[0]).context["rows"]
        assert "does not parse" in rows[3].problems[0].message
        assert "does not parse" in text_of(signed_in.get(at(flow, "steps", 3)))

    def test_it_tells_no_problems_of_the_steps_inside(self, signed_in, alice, echo):
        draft = (
            "version: 1\nsteps:\n  - if: 1\n    then: [{log: 5}]\n    elif: [{then: [{log: 5}]}]\n"
        )
        problems = signed_in.get(at(make(alice, draft), "steps", 0)).context["problems"]
        assert [problem.path for problem in problems] == ["steps[0].elif[0]"]

    def test_it_shows_the_arguments_of_another_call_when_asked(self, signed_in, flow):
        data = {"api": "shop/echo", "call": "", "arguments": "x::1", "refill": "on"}
        page = save(signed_in, at(flow, "steps", 0), **data)
        assert page.context["form"]["arguments"].value() == "x::1\nid::\na::"
        assert 'data-guard="unsaved"' in text_of(page)
        assert steps_of(flow)[0]["call"] == "ask"

    @pytest.mark.parametrize("step", ["{lag: 1}", "{log: 1, set: {}}", "{set: 5}", "{break: }"])
    def test_it_sends_to_the_source_what_it_has_no_form_for(self, signed_in, alice, db, step):
        flow = make(alice, f"version: 1\nsteps: [{step}]\n")
        assert "has no form" in text_of(signed_in.get(at(flow, "steps", 0)))

    def test_it_sends_to_the_source_where_that_cannot_be_read(self, signed_in, alice, db):
        assert "cannot be read" in text_of(signed_in.get(at(make(alice, "a: ["), "steps", 0)))


class TestTwoAtOnce:
    """The page was shown, then another changed the flow, then the form is sent."""

    def shown(self, client, address, flow, theirs):
        page = client.get(address)
        Flow.objects.filter(pk=flow.pk).update(draft=theirs)
        return page

    def test_it_keeps_what_another_did_to_other_steps(self, signed_in, flow):
        address = at(flow, "steps", 3)
        page = self.shown(signed_in, address, flow, DRAFT.replace("log: many", "log: theirs"))
        assert save(signed_in, address, page, body="2").status_code == 302
        steps = steps_of(flow)
        assert steps[3] == {"return": {"body": 2}}
        assert steps[1]["then"][0] == {"log": "theirs"}

    def test_it_shows_both_where_another_changed_the_same_step(self, signed_in, flow):
        address = at(flow, "steps", 3)
        page = self.shown(signed_in, address, flow, DRAFT.replace("body: 1", "body: theirs"))
        conflict = save(signed_in, address, page, body="mine")
        text = text_of(conflict)
        assert "changed while you were writing" in text
        assert "body: theirs" in text
        assert ">\nmine</textarea>" in text
        assert steps_of(flow)[3] == {"return": {"body": "theirs"}}
        assert save(signed_in, address, conflict, body="mine").status_code == 302
        assert steps_of(flow)[3] == {"return": {"body": "mine"}}

    def test_it_loses_nothing_that_was_typed_where_the_step_is_gone(self, signed_in, flow):
        address = at(flow, "steps", 3)
        page = self.shown(signed_in, address, flow, DRAFT.replace("  - return: {body: 1}\n", ""))
        conflict = save(signed_in, address, page, body="mine")
        assert "is not there any more" in text_of(conflict)
        elsewhere = f"{url(flow, 'step')}?{conflict.context['target'].query}"
        assert save(signed_in, elsewhere, conflict, body="mine").status_code == 302
        assert steps_of(flow)[3] == {"return": {"body": "mine"}}

    def test_it_asks_before_it_adds_to_a_flow_that_was_changed(self, signed_in, flow):
        address = new(flow, "log", 0)
        page = self.shown(signed_in, address, flow, DRAFT.replace("body: 1", "body: 2"))
        typed = {"message": "mine", "level": "detail"}
        conflict = save(signed_in, address, page, **typed)
        assert "Add it nonetheless" in text_of(conflict)
        save(signed_in, address, conflict, **typed)
        assert steps_of(flow)[0] == {"log": "mine"}

    def test_it_asks_so_too_after_the_arguments_were_shown(self, signed_in, flow):
        address = new(flow, "call", 0, api="shop/echo")
        page = self.shown(signed_in, address, flow, DRAFT + "# theirs\n")
        typed = {"api": "shop/echo", "call": "one", "on_error": "fail"}
        conflict = save(signed_in, address, page, refill="on", **typed)
        assert "changed while you were writing" in text_of(conflict)
