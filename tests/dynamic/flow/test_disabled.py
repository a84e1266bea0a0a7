"""`disabled: true`: a step that is there, and left out."""

import pytest

from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from tests.dynamic.flow.test_runner import play


async def test_it_leaves_out_what_is_disabled_and_all_within():
    outcome = await play(
        "  - {fail: no, disabled: true}\n"
        "  - {if: true, then: [{fail: no}], disabled: true}\n"
        "  - {return: {body: 1}, disabled: false}\n"
    )
    assert (outcome.status, outcome.body) == (Status.SUCCESS, 1)


async def test_it_does_not_ask_that_it_is_finished():
    outcome = await play("  - {call: , api: , disabled: true}\n")
    assert (outcome.status, outcome.http_status) == (Status.SUCCESS, 204)


def test_it_may_stand_after_an_end():
    assert compile_flow("version: 1\nsteps: [{return: }, {fail: x, disabled: true}]", None)


def test_it_is_yes_or_no():
    with pytest.raises(DocumentInvalid, match="disabled is true or false"):
        compile_flow("version: 1\nsteps: [{log: x, disabled: maybe}]", None)
