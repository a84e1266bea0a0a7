"""A simulation goes on, and what its row keeps of it."""

import pytest
from django.utils import timezone

from dynamic.models import Flow, Simulation
from dynamic.models.simulation import KEPT_FOR, forget_old
from dynamic.simulating.advancing import MOST_BYTES, CannotGoOn, begin, go_on
from dynamic.simulating.setup import Setup
from dynamic.simulating.stops import Stop

NEXT, END = Stop(at_next=True), Stop()
LARGE = "{a: '{{ payload & \"a\" }}', b: '{{ payload & \"b\" }}'}"


def simulation(owner, steps, payload=None):
    source = f"version: 1\nsteps:\n{steps}"
    flow = Flow.objects.create(owner=owner, slug="f", name="F", draft=source)
    return begin(flow, flow.owner_id, Setup(source, payload))


def test_it_keeps_no_more_than_it_can(alice):
    made = simulation(alice, f"  - set: {LARGE}\n  - log: x\n", "x" * (MOST_BYTES // 2))
    go_on(made, 0, Stop(label="steps[1]"), {})
    assert "Run it to the end in one go" in made.shown["fault"]
    assert len(str(made.shown)) < MOST_BYTES // 8
    with pytest.raises(CannotGoOn, match="It has ended"):
        go_on(made, 1, END, {})


def test_it_needs_to_keep_nothing_of_a_run_in_one_go(alice):
    made = simulation(alice, f"  - set: {LARGE}\n  - log: x\n", "x" * (MOST_BYTES // 2))
    go_on(made, 0, END, {})
    assert made.shown["outcome"]["status"] == "success"
    assert made.progress["records"] == []


def test_it_ends_where_it_cannot_be_kept(alice):
    deep = []
    for _ in range(244):
        deep = [deep]
    made = simulation(alice, "  - set: {a: [[[[[['{{ payload }}']]]]]]}\n  - log: x\n", deep)
    go_on(made, 0, Stop(label="steps[1]"), {})
    assert "what JSON cannot hold" in made.shown["fault"]


def test_it_stands_where_it_stood_when_it_cannot_go_on(alice):
    made = simulation(alice, "  - set: {a: 1}\n  - log: x\n")
    go_on(made, 0, NEXT, {})
    with pytest.raises(CannotGoOn, match="gone on meanwhile"):
        go_on(made, 0, NEXT, {})
    Flow.objects.all().update(draft="")  # it has its own
    go_on(made, 1, NEXT, {"payload": 7})
    assert made.shown["standing"]["label"] == "steps[1]"
    assert made.shown["standing"]["scope"]["payload"] == 7


def test_it_is_not_forgotten_while_it_goes_on(alice):
    made = simulation(alice, "  - log: x\n")
    old = timezone.now() - 2 * KEPT_FOR
    busy = timezone.now() + KEPT_FOR
    Simulation.objects.update(created_at=old, busy_until=busy)
    forget_old(alice.pk)
    assert Simulation.objects.filter(pk=made.pk).exists()
    Simulation.objects.update(busy_until=old)
    forget_old(alice.pk)
    assert not Simulation.objects.exists()
