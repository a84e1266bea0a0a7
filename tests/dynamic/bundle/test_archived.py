"""Archived flows and pipes in a bundle."""

import pytest

from dynamic.bundle import export_bundle, import_bundle
from dynamic.flow.problems import DocumentInvalid
from dynamic.systems.archiving import archive
from tests.dynamic.archive import RUNS, flow_of, pipe_of


@pytest.fixture
def pipe(alice):
    """Of a flow that runs another."""
    flow_of(alice)
    return pipe_of(flow_of(alice, "order", RUNS % "stock"))


def put_away(pipe):
    for thing in (pipe, pipe.flow, pipe.owner.flows.get(slug="stock")):
        archive(thing)


def test_it_keeps_what_is_archived(pipe, alice, bob):
    put_away(pipe)
    bundle = export_bundle(alice)
    assert bundle.count("archived: true") == 3
    assert len(import_bundle(bundle, bob, {}).created) == 3
    assert bob.flows.archived().count() == 2
    assert bob.pipes.archived().count() == 1
    assert export_bundle(bob) == bundle
    for owner in (alice, bob):
        assert len(import_bundle(bundle, owner, {}).unchanged) == 3


def test_it_archives_and_restores(pipe, alice):
    current = export_bundle(alice)
    put_away(pipe)
    archived = export_bundle(alice)
    changed = {name: ["archived"] for name in ("flow stock", "flow order", "pipe Web shop")}
    assert import_bundle(current, alice, {}).updated == changed
    assert not alice.flows.archived().exists()
    assert import_bundle(archived, alice, {}).updated == changed
    assert not alice.flows.current().exists()


def without(bundle, *names):
    """The bundle's text, without what begins with one of these lines, to the next entry."""
    kept, dropping = [], False
    for line in bundle.splitlines():
        if line.startswith("  - ") or not line.startswith(" "):
            dropping = line.strip("- ") in names
        if not dropping:
            kept.append(line)
    return "\n".join([*kept, ""])


def test_it_archives_no_flow_that_something_else_runs(pipe, alice):
    put_away(pipe)
    archived = export_bundle(alice)
    alice.pipes.update(archived_at=None)
    alice.flows.update(archived_at=None)
    alone = without(archived, "pipes:", "name: Web shop")
    with pytest.raises(DocumentInvalid, match="order is run by the pipe “Web shop”") as refused:
        import_bundle(alone, alice, {})
    assert refused.value.problems[0].path.endswith("archived")
    assert not alice.flows.archived().exists()


def test_it_restores_no_flow_that_runs_an_archived_one(pipe, alice):
    current = export_bundle(alice)
    put_away(pipe)
    alone = without(current, "slug: stock", "pipes:", "name: Web shop")
    with pytest.raises(DocumentInvalid, match="“Order” runs what is archived"):
        import_bundle(alone, alice, {})


def test_it_restores_no_pipe_of_an_archived_flow(pipe, alice):
    current = export_bundle(alice)
    put_away(pipe)
    alone = without(current, "flows:", "slug: stock", "slug: order")
    with pytest.raises(DocumentInvalid, match="“Order” is archived: restore it") as refused:
        import_bundle(alone, alice, {})
    assert refused.value.problems[0].path == "pipes[0].flow"
