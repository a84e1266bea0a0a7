"""What may be archived and brought back, and what keeps it from that."""

import pytest
from django.core.exceptions import ValidationError

from dynamic.flow.problems import DocumentInvalid
from dynamic.systems.archiving import ArchiveRefused, archive, restore, users_of
from tests.dynamic.archive import ANSWER, RUNS, flow_of, pipe_of


@pytest.fixture
def stock(alice):
    return flow_of(alice)


@pytest.fixture
def order(alice, stock):
    """It runs `stock`."""
    return flow_of(alice, "order", RUNS % "stock")


def test_it_keeps_the_time_of_the_first_time(stock):
    archive(stock)
    first = stock.archived_at
    archive(stock)
    stock.refresh_from_db()
    assert stock.archived_at == first is not None
    restore(stock)
    restore(stock)
    stock.refresh_from_db()
    assert stock.archived_at is None


class TestInUse:
    def test_it_names_the_pipes_and_the_flows_that_run_it(self, stock, order):
        pipe_of(stock)
        with pytest.raises(ArchiveRefused, match="the pipe “Web shop”, the flow order") as refused:
            archive(stock)
        assert refused.value.code == "in_use"
        stock.refresh_from_db()
        assert stock.archived_at is None

    def test_it_counts_a_version_that_a_pipe_stays_with(self, stock, order):
        pipe_of(order, pinned=order.latest)
        order.draft = ANSWER
        order.save()
        order.publish()
        assert users_of(stock).flows == [order]

    def test_it_counts_nothing_that_is_archived(self, stock, order):
        pipe = pipe_of(stock)
        for thing in (pipe, order, stock):
            archive(thing)
        stock.refresh_from_db()
        assert stock.archived_at

    def test_it_counts_nothing_of_somebody_else(self, stock, bob):
        flow_of(bob)
        flow_of(bob, "order", RUNS % "stock")
        archive(stock)


class TestRestoring:
    def test_it_restores_no_pipe_whose_flow_is_archived(self, stock):
        pipe = pipe_of(stock)
        archive(pipe)
        archive(stock)
        with pytest.raises(ArchiveRefused, match=r"Restore this first.*: stock") as refused:
            restore(pipe)
        assert refused.value.code == "flow_archived"
        restore(stock)
        restore(pipe)
        pipe.refresh_from_db()
        assert pipe.archived_at is None

    def test_it_restores_no_flow_that_runs_an_archived_one(self, stock, order):
        archive(order)
        archive(stock)
        with pytest.raises(ArchiveRefused, match=r"“Order” runs what is archived.*: stock"):
            restore(order)


class TestAfterwards:
    def test_it_lets_no_draft_run_it(self, alice, stock):
        archive(stock)
        with pytest.raises(DocumentInvalid, match="no published flow stock"):
            flow_of(alice, "order", RUNS % "stock")
        assert stock.latest.number == 1

    def test_it_lets_no_pipe_have_it(self, stock):
        archive(stock)
        with pytest.raises(ValidationError, match="“Stock” is archived: restore it"):
            pipe_of(stock)

    def test_it_lets_an_archived_pipe_keep_it(self, stock):
        pipe = pipe_of(stock)
        archive(pipe)
        archive(stock)
        pipe.name = "Old shop"
        pipe.full_clean()
