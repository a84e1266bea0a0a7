"""`return` with `then`: the answer first, and steps after it."""

import asyncio

import pytest

from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Hooks, Input, run
from tests.dynamic.flow.test_runner import ORDER, ORDER_URL, Upstream, play

CALL = "{call: order, api: shop/get-order, with: {id: A1}}"


class Caller:
    """Notes the answers it gets, and how many requests the upstream had seen by then."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.answers = []

    def __call__(self, outcome):
        self.answers.append((outcome.http_status, outcome.body, len(self.upstream.requests)))


async def answered(steps, **given):
    upstream = Upstream({ORDER_URL: ORDER})
    caller = Caller(upstream)
    outcome = await play(steps, upstream, hooks=Hooks(answered=caller), **given)
    return outcome, caller


async def test_it_answers_before_the_steps_that_follow():
    outcome, caller = await answered(
        f"  - return: {{status: 202, body: soon}}\n    then: [{CALL}, {{log: done}}]\n"
    )
    assert caller.answers == [(202, "soon", 0)]
    assert len(caller.upstream.requests) == 1
    assert (outcome.status, outcome.http_status, outcome.body) == (Status.SUCCESS, 202, "soon")
    assert [step["kind"] for step in outcome.trace[0]["then"]] == ["call", "log"]


@pytest.mark.parametrize(
    ("step", "status", "message"),
    [
        ("fail: no stock", Status.FAILED, "After the answer: no stock"),
        ("set: {a: '{{ $error(\"bad\") }}'}", Status.FLOW_ERROR, "After the answer: steps[0]"),
        ("sleep: 60", Status.TIMED_OUT, "After the answer: The run did not end"),
    ],
)
async def test_it_tells_how_the_rest_went_beside_the_answer(step, status, message):
    outcome, caller = await answered(
        f"  - return: {{body: soon}}\n    then: [{{{step}}}]\n", seconds=0.05
    )
    assert caller.answers == [(200, "soon", 0)]
    assert (outcome.status, outcome.http_status, outcome.body) == (status, 200, "soon")
    assert outcome.message.startswith(message)


async def test_it_answers_once():
    outcome, caller = await answered(
        "  - return: {body: 1}\n    then: [{return: {body: 2}, then: [{log: x}]}]\n"
    )
    assert [body for _, body, _ in caller.answers] == [1]
    assert outcome.body == 1


async def test_it_answers_within_branches_and_loops():
    outcome, caller = await answered(
        "  - for: n\n    in: [1, 2, 3]\n    do:\n"
        "      - if: '{{ n = 2 }}'\n        then:\n"
        "          - return: {body: '{{ n }}'}\n            then: [{log: after}]\n"
    )
    assert [body for _, body, _ in caller.answers] == [2]
    assert outcome.trace[0]["count"] == 3
    assert len(outcome.trace[0]["items"]) == 2


async def test_it_goes_on_without_a_caller_in_another_flow():
    inner = compile_flow("version: 1\nsteps: [{return: {body: 5}, then: [{log: x}]}]", None)
    outer = compile_flow(
        "version: 1\nsteps:\n  - {run: five, flow: five}\n"
        "  - return: {body: '{{ steps.five.data + 1 }}'}\n",
        None,
    )
    caller = Caller(Upstream())
    deadline = asyncio.get_running_loop().time() + 5
    hooks = Hooks(answered=caller)
    outcome = await run(outer, {}, Input(None), Upstream(), deadline, {"five": inner}, hooks)
    assert outcome.body == 6
    assert caller.answers == []
    assert not outer.answers_early


def test_it_is_refused_among_items_that_run_at_once():
    source = (
        "version: 1\nsteps:\n  - for: n\n    in: [1]\n    parallel: 2\n"
        "    do: [{return: , then: [{log: x}]}]\n"
    )
    with pytest.raises(DocumentInvalid, match="parallel for cannot answer and go on"):
        compile_flow(source, None)
