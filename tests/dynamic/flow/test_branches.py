"""`if` and `try`."""

import pytest

from dynamic.flow.exchange import Response, Unreachable
from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from tests.dynamic.flow.test_runner import CALL, ORDER, ORDER_URL, Upstream, play

CHOOSE = """\
  - if: "{{ payload.n > 10 }}"
    then:
      - set: {size: large}
    elif:
      - if: "{{ payload.n > 5 }}"
        then: [{set: {size: middle}}]
      - if: "{{ payload.n > 3 }}"
        then: [{return: {body: early}}]
    else:
      - set: {size: small}
  - return: {body: "{{ size }}"}
"""


@pytest.mark.parametrize(
    ("n", "body", "taken"),
    [
        (11, "large", "then"),
        (6, "middle", "elif[0]"),
        (4, "early", "elif[1]"),
        (1, "small", "else"),
    ],
)
async def test_it_takes_the_first_branch_that_is_true(n, body, taken):
    outcome = await play(CHOOSE, payload={"n": n})
    assert outcome.body == body
    assert outcome.trace[0]["taken"] == taken
    assert outcome.trace[1]["step"].startswith("steps[0].")


async def test_it_goes_on_where_nothing_is_true_and_there_is_no_else():
    outcome = await play('  - if: "{{ false }}"\n    then: [{fail: no}]\n  - return: {body: 1}\n')
    assert outcome.body == 1
    assert outcome.trace[0]["taken"] is None


@pytest.mark.parametrize(
    ("value", "is_true"),
    [
        (True, True), ("x", True), ([0, 1], True), ({"a": 0}, True), (0.5, True),
        (False, False), ("", False), ([], False), ([0, ""], False), ({}, False), (0, False),
        (None, False),
    ],
)  # fmt: skip
async def test_it_takes_for_true_what_jsonata_does(value, is_true):
    flow = '  - if: "{{ payload.v }}"\n    then: [{return: {body: 1}}]\n'
    outcome = await play(flow, payload={"v": value})
    assert (outcome.body == 1) is is_true
    outcome = await play('  - return: {body: "{{ $boolean(payload.v) }}"}\n', payload={"v": value})
    assert outcome.body is is_true


TRY = f"""\
  - try:
    {CALL.replace(chr(10), chr(10) + "    ").rstrip()}
      - return: {{body: fine}}
    catch:
      - return: {{status: 409, body: "{{{{ error }}}}"}}
"""


async def test_it_runs_no_catch_where_all_goes_well():
    outcome = await play(TRY, Upstream({ORDER_URL: ORDER}), {"id": "A1"})
    assert outcome.body == "fine"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response(500, {}, None, 1.0), "status 500"),
        (Unreachable("No connection."), "No connection"),
    ],
)
async def test_it_catches_a_call_without_a_good_answer(answer, said):
    outcome = await play(TRY, Upstream({ORDER_URL: answer}), {"id": "A1"})
    assert (outcome.status, outcome.http_status) == (Status.SUCCESS, 409)
    assert said in outcome.body["message"]
    assert outcome.body["step"] == "order"


async def test_it_catches_a_step_that_cannot_do_its_work():
    outcome = await play(TRY, Upstream(), {})
    assert outcome.body["message"] == "order: The path needs {{ id }}, and it has no value."
    assert outcome.body["step"] == "order"


async def test_it_catches_a_fail_with_its_data():
    outcome = await play(
        """\
  - try:
      - fail: {status: 404, message: gone, data: {left: 0}}
    catch:
      - return: {body: "{{ problem }}"}
    as: problem
"""
    )
    assert outcome.body == {
        "message": "gone",
        "step": "steps[0].try[0]",
        "status": 404,
        "data": {"left": 0},
    }


async def test_it_lets_a_catch_fail_in_its_turn():
    outcome = await play(
        '  - try: [{fail: first}]\n    catch: [{fail: "second, after {{ error.message }}"}]\n'
    )
    assert (outcome.status, outcome.message) == (Status.FAILED, "second, after first")


async def test_it_catches_no_deadline():
    outcome = await play("  - try: [{sleep: 5}]\n    catch: [{return: {body: 1}}]\n", seconds=0.05)
    assert outcome.status is Status.TIMED_OUT


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - if: '{{ 1 }}'\n", "then is missing"),
        ("  - if:\n    then: [{set: {a: 1}}]\n", "A condition is missing"),
        ("  - if: '{{ + }}'\n    then: [{set: {a: 1}}]\n", "does not parse"),
        ("  - if: 1\n    then: []\n", "at least one step"),
        ("  - if: 1\n    then: [{fail: x}]\n    elif: {if: 1}\n", "elif is a list"),
        ("  - if: 1\n    then: [{fail: x}]\n    elif: [{if: 1, do: []}]\n", "The key do"),
        ("  - try: [{fail: x}]\n", "catch is missing"),
        ("  - try: [{fail: x}]\n    catch: [{set: {a: 1}}]\n    as: steps\n", "taken by the run"),
    ],
)
def test_it_says_what_is_wrong(steps, said):
    with pytest.raises(DocumentInvalid) as caught:
        compile_flow(f"version: 1\nsteps:\n{steps}", None)
    assert said in str(caught.value)


def test_it_lets_branches_use_one_name_for_a_call_and_nobody_after_them():
    call = "[{call: a, api: x/y}]"
    branches = f"version: 1\nsteps:\n  - if: 1\n    then: {call}\n    else: {call}\n"
    assert compile_flow(branches, None).uses == {("x/y", "")}
    with pytest.raises(DocumentInvalid, match="Another call has the name a"):
        compile_flow(f"{branches}  - {{call: a, api: x/y}}\n", None)


def test_it_bounds_how_deep_steps_stand_in_each_other():
    flow = "[{fail: x}]"
    for _ in range(9):
        flow = f"[{{if: 1, then: {flow}}}]"
    assert compile_flow(f"version: 1\nsteps: {flow}", None)
    for _ in range(2):
        flow = f"[{{if: 1, then: {flow}}}]"
    with pytest.raises(DocumentInvalid, match="at most 10 deep"):
        compile_flow(f"version: 1\nsteps: {flow}", None)
