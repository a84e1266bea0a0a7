"""A live response that lacks what a flow reads and the sample has is told, once."""

from html import unescape

import pytest

from dynamic.listener import loop_thread
from dynamic.models import Drift, Flow, Run
from dynamic.runs.drift import has
from dynamic.systems.runnable import make_runnable
from tests.doors import PREFIX
from tests.upstream import SHOP_KEY

SAMPLE = {
    "id": 1,
    "customer": "Zoë",
    "email": "z@example.org",
    "lines": [{"sku": "A", "unit price": 1.5}],
}
FLOW = """
version: 1
steps:
  - call: order
    api: shop/get-order
  - return:
      body:
        who: "{{ steps.order.data.customer & steps.order.data.email }}"
        skus: "{{ steps.order.data.lines[quantity > 0].sku }}"
        total: "{{ $sum(steps.order.data.lines.`unit price`) }}"
        note: "{{ steps.order.data.note }}"
"""


@pytest.fixture
def order(workshop):
    """An API call whose live answers have no email and no prices."""
    shop = workshop.system(
        "shop", "/shop", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"}
    )
    return workshop.call(shop, "get-order", "/orders/7", sample_response=SAMPLE)


@pytest.fixture
def run(workshop, django_door):
    """Run a pipe so many times, and let all be written that there is to write."""
    _, token = workshop.key()

    def run_pipe(pipe, times=1):
        before = Run.objects.count()
        for _ in range(times):
            django_door.request("GET", f"{PREFIX}{pipe.id}", [("Access-Token", token)])
        loop_thread.close()
        assert Run.objects.count() == before + times

    return run_pipe


def noted():
    return {(drift.call.full_name, drift.shown_path) for drift in Drift.objects.all()}


def test_it_notes_once_what_responses_lack(workshop, order, run):
    pipe = workshop.pipe(FLOW)
    run(pipe, 2)
    assert noted() == {("shop/get-order", "email"), ("shop/get-order", "lines.`unit price`")}
    first = Drift.objects.first()
    assert first.flow == pipe.flow
    assert first.run_id == Run.objects.order_by("pk").first().pk
    run(pipe)  # by a process that remembers nothing
    assert Drift.objects.count() == 2


def test_it_looks_into_loops_and_past_the_answer(workshop, order, run):
    run(
        workshop.pipe("""
version: 1
steps:
  - for: n
    in: "{{ [1, 2] }}"
    parallel: 2
    do:
      - call: order
        api: shop/get-order
      - log: "{{ steps.order.data.email }}"
  - return: {}
    then:
      - call: later
        api: shop/get-order
      - log: "{{ steps.later.data.lines.`unit price` }}"
""")
    )
    assert noted() == {("shop/get-order", "email"), ("shop/get-order", "lines.`unit price`")}


def test_it_tells_of_a_flow_that_another_one_runs(workshop, order, run):
    inner = workshop.pipe(FLOW, "Inner").flow
    run(workshop.pipe(f"version: 1\nsteps: [{{run: order, flow: {inner.slug}}}]\n"))
    assert {drift.flow for drift in Drift.objects.all()} == {inner}
    assert len(noted()) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"sample_response": None},
        {"sample_response": {"id": 1, "customer": "Zoë"}},
        {"fine_statuses": "201"},
        {"path": "/orders/7", "skip_auth": True},  # 401
    ],
)
def test_it_compares_fine_answers_with_what_the_sample_has(workshop, order, run, change):
    type(order).objects.filter(pk=order.pk).update(**change)
    run(workshop.pipe(FLOW))
    assert not Drift.objects.exists()


def test_it_expects_nothing_of_a_draft(workshop, order, alice):
    flow = workshop.pipe(FLOW).flow
    assert make_runnable(alice.pk, flow.slug, FLOW, version=1).expectations
    assert make_runnable(alice.pk, flow.slug, FLOW).expectations is None


def test_it_runs_a_version_that_reads_what_nothing_sets(workshop, run):
    """It may have been published before names were checked."""
    pipe = workshop.pipe(FLOW.partition("steps:")[0] + "steps: [{log: hello}]\n")
    Flow.objects.get(pk=pipe.flow_id).versions.create(
        number=2, source="version: 1\nsteps: [{return: {body: '{{ gone }}'}}]\n"
    )
    run(pipe)
    assert Run.objects.get().status == "success"


class TestPage:
    @pytest.fixture
    def drift(self, workshop, order):
        flow = workshop.pipe(FLOW).flow
        return Drift.objects.create(flow=flow, call=order, path='["lines", "sku"]', run_id="r17")

    def page_of(self, client, drift):
        return unescape(client.get(f"/flows/{drift.flow.slug}/").content.decode())

    def test_it_shows_them_until_they_are_dismissed(self, client, drift, alice, run):
        client.force_login(alice)
        page = self.page_of(client, drift)
        assert "Responses have changed" in page
        assert "lines.sku" in page
        assert 'href="/systems/shop/calls/get-order/"' in page
        assert "r17" in page
        address = f"/flows/{drift.flow.slug}/drift/{drift.pk}/dismiss/"
        assert client.get(address).status_code == 405
        page = unescape(client.post(address, follow=True).content.decode())
        assert "shop/get-order lacks lines.sku is not shown again" in page
        assert "Responses have changed" not in page

    def test_it_shows_none_that_a_new_sample_has_not(self, client, drift, alice):
        client.force_login(alice)
        drift.call.sample_response = {"lines": []}
        drift.call.save()
        assert "Responses have changed" not in self.page_of(client, drift)

    def test_it_is_not_there_for_bob(self, client, drift, bob):
        client.force_login(bob)
        address = f"/flows/{drift.flow.slug}/drift/{drift.pk}/dismiss/"
        assert client.post(address).status_code == 404
        mine = bob.flows.create(slug="mine", name="Mine", draft=FLOW)
        assert client.post(f"/flows/mine/drift/{drift.pk}/dismiss/").status_code == 404
        assert not mine.drifts.exists()
        drift.refresh_from_db()
        assert drift.dismissed_at is None


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"a": {"b": 1}}, True),
        ({"a": {"b": None}}, True),
        ({"a": {}}, False),
        ({"b": 1}, False),
        ({"a": "text"}, False),
        ("text", False),
        ({"a": None}, None),
        ({"a": []}, None),
        ([], None),
        (None, None),
        ("", None),
        ([{"a": [{"c": 1}, {"b": 1}]}], True),
        ([{"a": {"c": 1}}, {"a": {}}], False),
        ([{"a": {"c": 1}}, {"a": []}], None),
    ],
)
def test_it_tells_absent_from_unknown(data, answer):
    assert has(data, ("a", "b")) is answer
