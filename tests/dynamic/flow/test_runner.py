"""Flows run against an upstream of plain functions: `send` is the language's only way out."""

import asyncio
import json

import pytest

from dynamic.flow.api_call import ApiCall, Row
from dynamic.flow.exchange import Response, TimedOut, Unreachable
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Hooks, Input, Status, run

APIS = {
    (call.name, ""): call
    for call in (
        ApiCall.compile(
            name="shop/get-order",
            method="GET",
            base_url="http://shop.example",
            path="/orders/{{ id }}",
        ),
        ApiCall.compile(
            name="shop/put-order",
            method="PUT",
            base_url="http://shop.example/api",
            path="orders",
            headers=[Row("X-Source", "{{ source }}")],
            body_kind="json",
            body={"lines": "{{ lines }}"},
        ),
    )
}


class Upstream:
    """Answers each URL with what the test says, and remembers what was asked."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.requests = []

    async def __call__(self, request, attempts):
        self.requests.append(request)
        answer = self.answers.get(request.url, Response(404, {}, {"error": "not found"}, 1.0))
        if isinstance(answer, BaseException):
            raise answer
        return await answer() if callable(answer) else answer


ORDER = Response(200, {"etag": "7"}, {"id": "A1", "lines": [{"q": 2}, {"q": 3}]}, 12.5)
ORDER_URL = "http://shop.example/orders/A1"


async def play(steps, upstream=None, payload=None, seconds=5.0, head="", hooks=None, **given):
    source = f"version: 1\n{head}\nsteps:\n{steps}"
    program = compile_flow(source, None)
    deadline = asyncio.get_running_loop().time() + seconds
    input = Input(payload, **given)
    upstream = upstream or Upstream()
    outcome = await run(program, APIS, input, upstream, deadline, hooks=hooks or Hooks())
    json.dumps(outcome.trace, allow_nan=False)
    return outcome


CALL = '  - {call: order, api: shop/get-order, with: {id: "{{ payload.id }}"}}\n'
GO_ON = CALL.replace("}}\n", "}, on_error: continue}\n")


async def test_it_calls_and_returns():
    upstream = Upstream({ORDER_URL: ORDER})
    outcome = await play(
        CALL
        + """\
  - set: {total: "{{ $sum(steps.order.data.lines.q) }}", twice: "{{ total * 2 }}"}
  - return:
      status: 201
      headers:
        {X-Total: "{{ total }}", X-No: "{{ payload.nope }}", ETag: "{{ steps.order.headers.etag }}"}
      body: {id: "{{ steps.order.data.id }}", total: "{{ total }}", twice: "{{ twice }}"}
""",
        upstream,
        {"id": "A1"},
    )
    assert outcome.status is Status.SUCCESS
    assert outcome.http_status == 201
    assert outcome.headers == {"X-Total": "5", "ETag": "7"}
    assert outcome.body == {"id": "A1", "total": 5, "twice": 10}
    assert outcome.message == ""
    assert [request.url for request in upstream.requests] == [ORDER_URL]


async def test_it_gives_204_where_no_step_returns():
    outcome = await play("  - set: {a: 1}\n")
    assert (outcome.status, outcome.http_status, outcome.body) == (Status.SUCCESS, 204, None)


async def test_it_returns_200_and_nothing_by_default():
    outcome = await play("  - return:\n")
    assert (outcome.http_status, outcome.headers, outcome.body) == (200, {}, None)


async def test_it_shows_steps_the_whole_call():
    outcome = await play(
        '  - return: {body: ["{{ payload }}", "{{ query }}", "{{ headers }}", "{{ method }}"]}',
        payload={"a": None},
        query={"q": ["1", "2"]},
        headers={"x-a": "b"},
        method="PUT",
    )
    assert outcome.body == [{"a": None}, {"q": ["1", "2"]}, {"x-a": "b"}, "PUT"]


async def test_it_keeps_the_whole_answer_of_a_call():
    outcome = await play(
        CALL + '  - return: {body: "{{ steps.order }}"}\n',
        Upstream({ORDER_URL: ORDER}),
        {"id": "A1"},
    )
    assert outcome.body == {
        "status": True,
        "status_code": 200,
        "data": ORDER.data,
        "headers": {"etag": "7"},
        "ms": 12.5,
    }


async def test_it_keeps_earlier_values_as_they_were():
    steps = """\
  - set: {all: "{{ $ }}", a: "{{ steps }}"}
  - {call: order, api: shop/get-order, with: {id: A1}}
  - set: {a2: "{{ a }}", all2: "{{ all }}", a: 5}
  - return: {body: ["{{ a2 }}", "{{ $exists(all2.a) }}", "{{ a }}"]}
"""
    outcome = await play(steps, Upstream({ORDER_URL: ORDER}))
    assert outcome.body == [{}, False, 5]


async def test_it_forgets_a_variable_that_is_set_to_nothing():
    steps = '  - set: {a: 1}\n  - set: {a: "{{ payload.nope }}"}\n  - return: {body: "{{ [a] }}"}\n'
    assert (await play(steps)).body == []


async def test_it_refuses_an_input_that_does_not_match_before_any_call():
    upstream = Upstream()
    outcome = await play(
        CALL, upstream, {"id": 5}, head="input: {properties: {id: {type: string}}}"
    )
    assert outcome.status is Status.INVALID_INPUT
    assert outcome.problems == [{"path": "id", "message": 'This value is not of type "string".'}]
    assert outcome.http_status is None
    assert outcome.trace == []
    assert upstream.requests == []


async def test_it_ends_as_upstream_failed_when_the_answer_is_not_2xx():
    outcome = await play(CALL + "  - return: {}\n", payload={"id": "B2"})
    assert outcome.status is Status.UPSTREAM_FAILED
    assert outcome.message == "The call order to shop/get-order was answered with status 404."
    assert outcome.trace[0]["response"]["data"] == {"error": "not found"}
    assert len(outcome.trace) == 1


@pytest.mark.parametrize("status", [100, 199, 300, 304, 401, 500])
async def test_it_takes_only_2xx_for_good(status):
    upstream = Upstream({ORDER_URL: Response(status, {}, None, 1.0)})
    outcome = await play(CALL, upstream, {"id": "A1"})
    assert outcome.status is Status.UPSTREAM_FAILED


async def test_it_ends_as_upstream_failed_when_no_answer_comes():
    upstream = Upstream({ORDER_URL: Unreachable("The connection was refused.", ms=3.0)})
    outcome = await play(CALL, upstream, {"id": "A1"})
    assert outcome.status is Status.UPSTREAM_FAILED
    assert "order" in outcome.message
    assert "shop/get-order" in outcome.message
    assert "The connection was refused." in outcome.message
    assert outcome.trace[0]["error"] == "The connection was refused."


async def test_it_goes_on_after_a_bad_answer_where_the_flow_says_so():
    steps = GO_ON + '  - return: {body: "{{ steps.order }}"}\n'
    outcome = await play(steps, payload={"id": "B2"})
    assert outcome.status is Status.SUCCESS
    assert outcome.body["status"] is False
    assert outcome.body["status_code"] == 404
    assert outcome.body["data"] == {"error": "not found"}


async def test_it_goes_on_without_an_answer_where_the_flow_says_so():
    upstream = Upstream({ORDER_URL: TimedOut("No answer within 5 s.", ms=5000.0)})
    steps = GO_ON + '  - return: {body: "{{ steps.order }}"}\n'
    outcome = await play(steps, upstream, {"id": "A1"})
    assert outcome.body == {
        "status": False,
        "status_code": 0,
        "data": None,
        "headers": {},
        "ms": 5000.0,
        "error": "No answer within 5 s.",
    }


async def test_it_fails_as_the_flow_says():
    steps = (
        '  - fail: {status: 409, message: "No {{ payload.sku }} left", data: {n: "{{ 1 - 1 }}"}}\n'
    )
    outcome = await play(steps, payload={"sku": "x"})
    assert outcome.status is Status.FAILED
    assert (outcome.http_status, outcome.message, outcome.data) == (409, "No x left", {"n": 0})


async def test_it_fails_with_422_in_short():
    outcome = await play("  - fail: Not today.\n")
    assert (outcome.http_status, outcome.message, outcome.data) == (422, "Not today.", None)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ('set: {a: "{{ payload + 1 }}"}', "steps[0]: The expression {{ payload + 1 }}"),
        ('set: {a: "{{ [1..200000] }}"}', "100,000 items"),
        ('return: {status: "{{ 700 }}"}', "from 200 to 599"),
        ('return: {status: "{{ payload.nope }}"}', "from 200 to 599"),
        ('return: {status: "{{ true }}"}', "from 200 to 599"),
        ("return: {status: \"{{ '200' }}\"}", "from 200 to 599"),
        ('return: {status: "2{{ 0 }}0"}', "from 200 to 599"),
        ('return: {headers: {X-A: "{{ payload }}"}}', "line break"),
        ('fail: {message: x, status: "{{ 200 }}"}', "from 400 to 599"),
        ("fail: \"{{ $error('why') }}\"", "why"),
        ("{call: order, api: shop/get-order}", "order: The path needs {{ id }}"),
        ("{call: order, api: shop/get-order, with: {id: ..}, on_error: continue}", "path"),
        ("{call: order, api: shop/gone}", "shop/gone does not exist"),
    ],
)
async def test_it_ends_as_flow_error_when_a_step_cannot_do_its_work(step, words):
    upstream = Upstream()
    outcome = await play(f"  - {step}\n", upstream, payload="a\r\nb")
    assert outcome.status is Status.FLOW_ERROR
    assert outcome.http_status is None
    assert words in outcome.message
    assert outcome.trace[-1]["error"] in outcome.message
    assert upstream.requests == []


async def test_it_traces_every_step():
    steps = """\
  - {call: order, api: shop/get-order, with: {id: A1}}
  - set: {lines: "{{ steps.order.data.lines }}", gone: "{{ payload.nope }}"}
  - {call: put, api: shop/put-order, with: {lines: "{{ lines }}", source: é}, on_error: continue}
  - return: {body: done}
"""
    upstream = Upstream({ORDER_URL: ORDER})
    order, variables, put, answer = (await play(steps, upstream)).trace
    assert order["request"] == {
        "api": "shop/get-order",
        "method": "GET",
        "url": ORDER_URL,
        "headers": [],
        "body": None,
    }
    assert order["response"] == {
        "status_code": 200,
        "headers": {"etag": "7"},
        "data": ORDER.data,
    }
    assert (variables["step"], variables["kind"]) == ("steps[1]", "set")
    assert variables["value"] == {"lines": ORDER.data["lines"]}
    assert put["step"] == "put"
    assert put["request"]["headers"] == [["X-Source", "é"], ["Content-Type", "application/json"]]
    assert put["request"]["body"] == '{"lines":[{"q":2},{"q":3}]}'
    assert answer.keys() == {"step", "kind", "at", "ms"}
    for earlier, later in ((order, variables), (variables, put), (put, answer)):
        assert 0 <= earlier["at"] <= later["at"]
        assert earlier["ms"] >= 0


async def test_it_times_out_while_a_call_is_under_way():
    upstream = Upstream({ORDER_URL: asyncio.Event().wait})
    outcome = await play(CALL + "  - return: {}\n", upstream, {"id": "A1"}, seconds=0.02)
    assert outcome.status is Status.TIMED_OUT
    assert outcome.http_status is None
    (entry,) = outcome.trace
    assert "under way" in entry["error"]
    assert entry["request"]["url"] == ORDER_URL
    assert entry["ms"] >= 10


async def test_it_does_not_begin_after_the_deadline():
    upstream = Upstream({ORDER_URL: ORDER})
    outcome = await play(CALL, upstream, {"id": "A1"}, seconds=0)
    assert outcome.status is Status.TIMED_OUT
    assert upstream.requests == []


async def test_it_notices_a_deadline_that_passed_while_nothing_was_awaited():
    slow = "{{ $count([1..2000].($ * $)) }}"  # far from its own bound, also on a busy machine
    outcome = await play(f'  - set: {{a: "{slow}"}}\n' * 400 + "  - return: {}\n", seconds=0.02)
    assert outcome.status is Status.TIMED_OUT
    assert 1 <= len(outcome.trace) < 400


async def test_it_lets_the_callers_cancellation_through():
    begun = asyncio.Event()

    async def hang():
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(play(CALL, Upstream({ORDER_URL: hang}), {"id": "A1"}))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("defect", [KeyError("ours"), TimeoutError("ours"), ValueError("ours")])
async def test_it_lets_defects_of_our_own_through(defect):
    with pytest.raises(type(defect), match="ours"):
        await play(CALL, Upstream({ORDER_URL: defect}), {"id": "A1"})


async def test_it_runs_one_program_many_times_at_once():
    program = compile_flow(
        f"version: 1\nsteps:\n{CALL}  - return: {{body: '{{{{ payload.id }}}}'}}\n", None
    )
    deadline = asyncio.get_running_loop().time() + 5

    async def send(request, attempts):
        await asyncio.sleep(0)
        return Response(200, {}, request.url, 1.0)

    runs = (run(program, APIS, Input({"id": f"n{n}"}), send, deadline) for n in range(50))
    assert [outcome.body for outcome in await asyncio.gather(*runs)] == [f"n{n}" for n in range(50)]


async def test_it_takes_all_arguments_from_one_expression():
    upstream = Upstream({ORDER_URL: ORDER})
    step = "  - {call: order, api: shop/get-order, with: '{{ payload }}'}\n"
    assert (await play(step, upstream, payload={"id": "A1"})).status is Status.SUCCESS
    outcome = await play(step, upstream, payload=["A1"])
    assert outcome.message == "order: with must give an object of arguments by name."
    assert len(upstream.requests) == 1
