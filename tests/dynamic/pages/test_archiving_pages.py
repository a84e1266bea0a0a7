"""Archiving and restoring flows and pipes on their pages."""

import pytest
from django.urls import reverse

from dynamic.models import Flow, Pipe
from dynamic.systems.archiving import archive
from tests.dynamic.archive import RUNS, flow_of, pipe_of
from tests.page_text import text_of

NEW_PIPE = "/pipes/new/"


@pytest.fixture
def flow(alice):
    return flow_of(alice)


@pytest.fixture
def pipe(flow):
    return pipe_of(flow)


def shown_on(response):
    assert response.status_code == 200
    return text_of(response)


def page(name, thing):
    kind = "flows" if isinstance(thing, Flow) else "pipes"
    return reverse(f"{kind}:{name}", args=[thing.slug if kind == "flows" else thing.pk])


class TestPipe:
    def test_it_archives_and_restores(self, signed_in, pipe):
        assert page("archive", pipe) in shown_on(signed_in.get(page("detail", pipe)))
        assert "Its calls are refused from then on" in shown_on(
            signed_in.get(page("archive", pipe))
        )
        answer = signed_in.post(page("archive", pipe), follow=True)
        assert "“Web shop” is archived. Calls are refused." in shown_on(answer)
        shown = shown_on(signed_in.get(page("detail", pipe)))
        assert "UTC: calls are refused." in shown
        assert page("archive", pipe) not in shown
        assert signed_in.get(page("restore", pipe)).status_code == 405
        answer = signed_in.post(page("restore", pipe), follow=True)
        assert "“Web shop” is restored. Calls are answered as before." in shown_on(answer)
        pipe.refresh_from_db()
        assert (pipe.archived_at, pipe.enabled) == (None, True)

    def test_it_is_not_restored_before_its_flow(self, signed_in, pipe):
        archive(pipe)
        archive(pipe.flow)
        answer = signed_in.post(page("restore", pipe), follow=True)
        assert "Restore this first, among your flows: stock." in shown_on(answer)
        pipe.refresh_from_db()
        assert pipe.archived_at

    def test_it_is_listed_apart_with_a_count(self, signed_in, pipe):
        pipe_of(pipe.flow, "Kiosk")
        assert "Archived" not in shown_on(signed_in.get("/pipes/"))
        archive(pipe)
        shown = shown_on(signed_in.get("/pipes/"))
        assert "Kiosk" in shown
        assert "Web shop" not in shown
        assert "Archived\xa0pipes\xa0(1)" in shown.replace("&nbsp;", "\xa0")
        apart = shown_on(signed_in.get("/pipes/?archived"))
        assert "Web shop" in apart
        assert "Kiosk" not in apart
        assert "No archived pipe has “kiosk”" in shown_on(signed_in.get("/pipes/?archived&q=kiosk"))

    def test_it_says_that_all_others_are_archived(self, signed_in, pipe):
        assert "Nothing is archived" in shown_on(signed_in.get("/pipes/?archived"))
        archive(pipe)
        assert "No pipes but archived ones" in shown_on(signed_in.get("/pipes/"))


class TestFlow:
    def test_it_archives_and_restores(self, signed_in, flow):
        assert page("archive", flow) in shown_on(signed_in.get(page("steps", flow)))
        answer = signed_in.post(page("archive", flow), follow=True)
        assert "“Stock” is archived. It cannot be chosen any more." in shown_on(answer)
        shown = shown_on(signed_in.get(page("steps", flow)))
        assert "pipes and other flows cannot choose it." in shown
        assert page("archive", flow) not in shown
        answer = signed_in.post(page("restore", flow), follow=True)
        assert "“Stock” is restored. It can be chosen again." in shown_on(answer)

    def test_it_says_what_uses_it(self, signed_in, alice, flow):
        pipe = pipe_of(flow)
        order = flow_of(alice, "order", RUNS % "stock")
        for ask in (signed_in.get, signed_in.post):
            shown = shown_on(ask(page("archive", flow)))
            assert "“Stock” cannot be archived" in shown
            assert page("detail", pipe) in shown
            assert page("detail", order) in shown
        flow.refresh_from_db()
        assert flow.archived_at is None

    def test_it_is_listed_apart_with_a_count(self, signed_in, alice, flow):
        flow_of(alice, "order")
        archive(flow)
        shown = shown_on(signed_in.get("/flows/"))
        assert page("steps", flow) not in shown
        assert "flows\xa0(1)" in shown.replace("&nbsp;", "\xa0")
        assert page("steps", flow) in shown_on(signed_in.get("/flows/?archived"))

    def test_it_lists_no_archived_pipe_as_one_that_runs_it(self, signed_in, pipe):
        assert "Web shop" in shown_on(signed_in.get("/flows/"))
        archive(pipe)
        assert "Web shop" not in shown_on(signed_in.get("/flows/"))
        assert "the latest, archived" in shown_on(signed_in.get(page("detail", pipe.flow)))

    def test_it_keeps_its_slug(self, signed_in, flow):
        archive(flow)
        data = {"name": "Another", "slug": "stock", "draft": "version: 1\nsteps: []\n"}
        shown = shown_on(signed_in.post("/flows/new/", data))
        assert "Your flow “Stock” has this slug. It is archived." in shown

    def test_it_is_offered_to_no_pipe(self, signed_in, alice, flow):
        archive(flow)
        assert "First a flow" in shown_on(signed_in.get(NEW_PIPE))
        flow_of(alice, "order")
        shown = shown_on(signed_in.get(f"{NEW_PIPE}?flow=stock"))
        assert f'<option value="{flow.pk}"' not in shown
        shown = shown_on(signed_in.post(NEW_PIPE, {"name": "New", "flow": flow.pk}))
        assert "One that is archived must be restored first." in shown
        assert not Pipe.objects.exists()

    def test_it_stays_the_flow_of_an_archived_pipe(self, signed_in, pipe):
        archive(pipe)
        archive(pipe.flow)
        shown = shown_on(signed_in.get(page("edit", pipe)))
        assert f'<option value="{pipe.flow_id}" selected' in shown

    def test_it_is_offered_to_no_run_step(self, signed_in, alice, flow):
        order = flow_of(alice, "order")
        adding = f'{page("step", order)}?into=["steps"]&index=0&kind=run'
        assert "Stock (stock)" in shown_on(signed_in.get(adding))
        archive(flow)
        assert "Stock (stock)" not in shown_on(signed_in.get(adding))
        Flow.objects.filter(pk=order.pk).update(draft=RUNS % "stock")
        shown = shown_on(signed_in.get(f'{page("step", order)}?at=["steps",0]'))
        assert "stock (is archived)" in shown


@pytest.mark.parametrize("name", ["archive", "restore"])
def test_it_shows_bob_no_more_than_nothing(client, pipe, bob, name):
    client.force_login(bob)
    for thing in (pipe, pipe.flow):
        assert client.post(page(name, thing)).status_code == 404
    pipe.refresh_from_db()
    assert pipe.archived_at is None
