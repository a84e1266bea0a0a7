"""`run`: a flow within a flow."""

import asyncio

import pytest

from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input, run
from dynamic.models.programs import compile_with_others
from tests.dynamic.flow.test_runner import APIS, ORDER, ORDER_URL, Upstream

OUTER = """
version: 1
steps:
  - set: {secret: outer}
  - run: total
    flow: totals
    with: {lines: "{{ payload.lines }}"}
  - return: {body: "{{ steps.total.data }}", status: "{{ steps.total.status_code }}"}
"""
INNER = """
version: 1
input: {type: object, required: [lines]}
steps:
  - if: "{{ payload.lines = [] }}"
    then: [{fail: {status: 409, message: nothing to add, data: 0}}]
  - return: {status: 201, body: {sum: "{{ $sum(payload.lines) }}", seen: "{{ secret }}"}}
"""


async def play(source, payload, upstream=None, **others):
    program, flows = compile_with_others(source, "outer", ["shop/get-order"], others)
    deadline = asyncio.get_running_loop().time() + 5
    send = upstream or Upstream()
    return await run(program, APIS, Input(payload), send, deadline, flows)


async def test_it_gives_the_answer_of_the_other_flow():
    outcome = await play(OUTER, {"lines": [1, 2]}, totals=INNER)
    assert (outcome.http_status, outcome.body) == (201, {"sum": 3})  # it sees its payload alone
    entry = outcome.trace[1]
    assert (entry["step"], entry["kind"]) == ("total", "run")
    assert [inner["kind"] for inner in entry["steps"]] == ["if", "return"]


async def test_it_makes_the_calls_of_the_other_flow():
    inner = """
version: 1
steps:
  - {call: order, api: shop/get-order, with: {id: "{{ payload.lines }}"}}
  - return: {body: "{{ steps.order.data.id }}"}
"""
    outcome = await play(OUTER, {"lines": "A1"}, Upstream({ORDER_URL: ORDER}), totals=inner)
    assert outcome.body == "A1"


async def test_it_ends_badly_as_the_other_flow_does():
    outcome = await play(OUTER, {"lines": []}, totals=INNER)
    assert (outcome.status, outcome.http_status) == (Status.FAILED, 409)
    assert outcome.message == "The flow totals: nothing to add"


async def test_it_says_what_the_other_flow_does_not_take():
    outcome = await play(OUTER.replace("lines:", "rows:"), {"lines": []}, totals=INNER)
    assert outcome.status is Status.FLOW_ERROR
    assert "The flow totals does not take this" in outcome.message


async def test_it_catches_what_the_other_flow_fails_with():
    source = """
version: 1
steps:
  - try: [{run: total, flow: totals, with: {lines: []}}]
    catch: [{return: {body: "{{ error.data }}"}}]
"""
    assert (await play(source, None, totals=INNER)).body == 0


async def test_it_goes_on_after_a_flow_without_return():
    outcome = await play(OUTER, {"lines": []}, totals="version: 1\nsteps: [{set: {a: 1}}]")
    assert outcome.http_status == 204


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({}, "There is no published flow totals"),
        ({"total": INNER}, "Did you mean total?"),
        (
            {"totals": "version: 1\nsteps: [{run: a, flow: totals}]"},
            "A flow cannot run itself: totals → totals",
        ),
        (
            {"totals": "version: 1\nsteps: [{run: a, flow: outer}]", "outer": OUTER},
            "outer → totals → outer",
        ),
        (
            {
                "totals": "version: 1\nsteps: [{run: a, flow: b}]",
                "b": "version: 1\nsteps: [{run: a, flow: totals}]",
            },
            "totals → b → totals",
        ),
    ],
)
def test_it_refuses_a_flow_that_is_not_there_or_runs_itself(others, said):
    with pytest.raises(DocumentInvalid, match=said):
        compile_with_others(OUTER, "outer", [], others)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{run: a}", "A run needs flow"),
        ("{run: 1, flow: x}", "A run needs a name"),
    ],
)
def test_it_says_what_is_wrong(step, said):
    with pytest.raises(DocumentInvalid, match=said):
        compile_flow(f"version: 1\nsteps: [{step}]", None)
