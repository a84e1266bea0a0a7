"""`for`, one by one and in parallel; `break` and `continue`."""

import asyncio
import time

import pytest

from dynamic.flow.exchange import Response
from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from tests.dynamic.flow.test_runner import Upstream, play

NUMBERS = {"n": list(range(10))}


def loop(do, more="", after=""):
    return f"  - for: x\n    in: '{{{{ payload.n }}}}'\n    do:\n{do}{more}{after}"


DOUBLE = "      - set: {y: '{{ x * 2 }}'}\n"
COLLECT = "    collect: '{{ y }}'\n    as: all\n"
RETURN = '  - return: {body: \'{{ {"all": all, "x": $lookup($, "x"), "y": $lookup($, "y")} }}\'}\n'


async def test_it_collects_in_order():
    outcome = await play(loop(DOUBLE, COLLECT, RETURN), payload=NUMBERS)
    assert outcome.body == {"all": [n * 2 for n in range(10)], "y": 18}  # x ends with its loop
    assert outcome.trace[0]["count"] == 10
    assert [item["item"] for item in outcome.trace[0]["items"]] == list(range(10))
    assert outcome.trace[0]["items"][3]["steps"][0]["value"] == {"y": 6}


async def test_it_lets_an_item_see_what_those_before_it_set():
    flow = "  - set: {sum: 0}\n" + loop("      - set: {sum: '{{ sum + x }}'}\n")
    outcome = await play(flow + "  - return: {body: '{{ sum }}'}\n", payload=NUMBERS)
    assert outcome.body == 45


async def test_it_restores_what_had_the_name_of_the_loops_variable():
    flow = "  - set: {x: before}\n" + loop(DOUBLE) + "  - return: {body: '{{ x }}'}\n"
    assert (await play(flow, payload=NUMBERS)).body == "before"


@pytest.mark.parametrize(
    ("value", "body"), [([], []), (None, []), (7, [14]), ([7], [14]), ({"a": 1}, None)]
)
async def test_it_takes_nothing_and_one_item_for_lists(value, body):
    flow = loop("      - set: {y: '{{ $type(x) = \"number\" ? x * 2 : null }}'}\n", COLLECT)
    outcome = await play(flow + "  - return: {body: '{{ all }}'}\n", payload={"n": value})
    assert outcome.body == (body if body is not None else [None])


async def test_it_skips_and_ends():
    do = (
        "      - if: '{{ x = 2 }}'\n        then: [{continue: }]\n"
        "      - if: '{{ x = 5 }}'\n        then: [{break: }]\n" + DOUBLE
    )
    flow = loop(do, COLLECT) + "  - return: {body: '{{ all }}'}\n"
    assert (await play(flow, payload=NUMBERS)).body == [0, 2, 6, 8]


async def test_it_leaves_the_inner_loop_alone():
    flow = """\
  - for: a
    in: "{{ [1, 2] }}"
    do:
      - for: b
        in: "{{ [1, 2, 3] }}"
        do:
          - if: "{{ b = 2 }}"
            then: [{break: }]
        collect: "{{ a * 10 + b }}"
        as: inner
    collect: "{{ inner }}"
    as: outer
  - return: {body: "{{ outer }}"}
"""
    assert (await play(flow)).body == [[11], [21]]


class Slow(Upstream):
    """Answers each order after a moment, and counts how many wait at once."""

    def __init__(self):
        super().__init__()
        self.under_way = self.most = 0
        self.gate = asyncio.Event()

    async def __call__(self, request, attempts):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        number = request.url.rpartition("/")[2]
        return Response(500 if number == "7" else 200, {}, {"n": number}, 1.0)


GET = "      - call: order\n        api: shop/get-order\n        with: {id: '{{ x }}'}\n"
GOES_ON = GET + "        on_error: continue\n"


async def test_it_runs_items_in_parallel_and_keeps_their_order():
    upstream = Slow()
    more = "    parallel: 4\n    collect: '{{ steps.order.data.n }}'\n    as: all\n"
    flow = loop(GOES_ON, more, "  - return: {body: '{{ all }}'}\n")
    outcome = await play(flow, upstream, NUMBERS)
    assert outcome.body == [str(n) for n in range(10)]
    assert upstream.most == 4


async def test_it_lets_parallel_items_set_for_themselves_alone():
    flow = "  - set: {y: before}\n" + loop(DOUBLE, "    parallel: 4\n" + COLLECT, RETURN)
    outcome = await play(flow, payload=NUMBERS)
    assert outcome.body == {"all": [n * 2 for n in range(10)], "y": "before"}


async def test_it_ends_all_when_one_parallel_item_ends_the_flow():
    upstream = Slow()
    outcome = await play(loop(GET, "    parallel: 3\n"), upstream, {"n": list(range(100))})
    assert outcome.status is Status.UPSTREAM_FAILED
    assert upstream.most == 3
    await asyncio.sleep(0)
    assert upstream.under_way <= 3


async def test_it_returns_from_within_a_loop():
    do = "      - if: '{{ x = 3 }}'\n        then: [{return: {body: found}}]\n"
    for parallel in ("", "    parallel: 2\n"):
        assert (await play(loop(do, parallel), payload=NUMBERS)).body == "found"


async def test_it_begins_no_more_parallel_items_after_a_break():
    upstream = Slow()
    do = GOES_ON + "      - if: '{{ x = 1 }}'\n        then: [{break: }]\n"
    more = "    parallel: 2\n    collect: '{{ x }}'\n    as: all\n"
    flow = loop(do, more, "  - return: {body: '{{ all }}'}\n")
    outcome = await play(flow, upstream, {"n": list(range(50))})
    assert 1 not in outcome.body
    assert len(outcome.body) <= 3


@pytest.mark.parametrize("more", ["", "    parallel: 4\n"])
async def test_it_fails_by_the_step_that_failed(more):
    do = "      - set: {y: '{{ $sum(x) + $number(\"a\") }}'}\n"
    outcome = await play(loop(do, more), payload=NUMBERS)
    assert outcome.status is Status.FLOW_ERROR
    assert outcome.message.startswith("steps[0].do[0]: The expression")


@pytest.mark.parametrize("more", ["", "    parallel: 4\n"])
async def test_it_keeps_to_the_deadline(more):
    began = time.monotonic()
    outcome = await play(loop("      - sleep: 0.1\n", more), payload=NUMBERS, seconds=0.15)
    assert outcome.status is Status.TIMED_OUT
    assert time.monotonic() - began < 1
    assert outcome.trace[0]["items"]


async def test_it_refuses_a_list_that_is_too_long():
    outcome = await play(loop(DOUBLE, "    most: 5\n"), payload=NUMBERS)
    assert "The list has 10 items, and the loop takes 5 at most." in outcome.message


async def test_it_lets_other_work_go_on_beside_a_long_loop():
    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    flow = loop("      - set: {y: '{{ $sum([1..2000]) }}'}\n")
    await play(flow, payload={"n": list(range(300))})
    task.cancel()
    assert turns > 5


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - for: x\n    do: [{fail: x}]\n", "in is missing"),
        ("  - for: x\n    in: 1\n", "do is missing"),
        ("  - for: 1x\n    in: 1\n    do: [{fail: x}]\n", "A loop needs a name"),
        ("  - for: steps\n    in: 1\n    do: [{fail: x}]\n", "taken by the run"),
        (
            "  - for: x\n    in: 1\n    do: [{fail: x}]\n    collect: 1\n",
            "collect and as go together",
        ),
        ("  - for: x\n    in: 1\n    do: [{fail: x}]\n    parallel: 51\n", "from 1 to 50"),
        ("  - for: x\n    in: 1\n    do: [{fail: x}]\n    most: 0\n", "from 1 to 10,000"),
        ("  - break:\n", "break stands inside a for only"),
        ("  - for: x\n    in: 1\n    do: [{continue: 1}]\n", "continue takes nothing"),
        ("  - for: x\n    in: 1\n    do: [{break: }, {fail: x}]\n", "break ends this item"),
    ],
)
def test_it_says_what_is_wrong(steps, said):
    with pytest.raises(DocumentInvalid) as caught:
        compile_flow(f"version: 1\nsteps:\n{steps}", None)
    assert said in str(caught.value)


async def test_it_collects_no_more_than_a_worker_can_bear():
    outcome = await play(
        "  - for: n\n    in: '{{ [1..70] }}'\n    do: [{log: x}]\n"
        "    collect: '{{ payload.text }}'\n    as: all\n",
        payload={"text": "a" * 2**20},
    )
    assert outcome.message == "steps[0]: The list that it makes is larger than 64 MiB."
