"""What mocks answer: with the replies of a person, or of a run that was."""

import pytest

from dynamic.flow.exchange import Request, UpstreamFailed
from dynamic.simulating.mocks import FAULTS, Mock, MockedCalls, NoMock, Reply
from dynamic.simulating.recordings import recorded_mock


def request(api="shop/get", url="https://shop.test/1", method="GET", body=None):
    return Request(api, method, url, body=body)


async def answers(calls, *urls):
    return [(await calls.send(request(url=url), [])).data for url in urls]


async def test_it_answers_the_same_again_and_again():
    calls = MockedCalls({"shop/get": Mock([Reply(201, {"x-kind": "a"}, {"n": 1})])})
    for _ in range(2):
        response = await calls.send(request(), [])
        assert (response.status_code, response.headers, response.data) == (
            201,
            {"x-kind": "a"},
            {"n": 1},
        )


@pytest.mark.parametrize("fault", FAULTS)
async def test_it_fails_as_a_system_does(fault):
    calls = MockedCalls({"shop/get": Mock([Reply(failure=FAULTS[fault])])})
    with pytest.raises(UpstreamFailed, match="this is a mock"):
        await calls.send(request(), [])


async def test_it_names_the_call_that_it_has_no_answer_for():
    calls = MockedCalls({"shop/get": Mock(missing="has no sample response: give it one.")})
    with pytest.raises(NoMock, match="The API call shop/get has no sample response: give it one"):
        await calls.send(request(), [])
    with pytest.raises(NoMock, match="The API call shop/new has no mock"):
        await calls.send(request("shop/new"), [])


def trace_of(*answers, **more):
    """As a run's, of calls to a URL each that were answered so."""
    return [
        {
            "step": "get",
            "kind": "call",
            "request": {
                "api": "shop/get",
                "method": "GET",
                "url": url,
                "headers": [],
                "body": None,
            },
            "response": {"status_code": 200, "headers": {}, "data": data},
            **more,
        }
        for url, data in answers
    ]


async def test_it_gives_recorded_answers_in_their_order_and_the_last_for_ever():
    mock = recorded_mock(trace_of(("a", 1), ("b", 2)), "shop/get")
    assert await answers(MockedCalls({"shop/get": mock}), "x", "x", "x") == [1, 2, 2]


async def test_it_gives_the_answer_to_the_very_same_request_first():
    mock = recorded_mock(trace_of(("a", 1), ("b", 2), ("a", 3)), "shop/get")
    assert await answers(MockedCalls({"shop/get": mock}), "b", "a", "a", "b") == [2, 1, 3, 3]


async def test_it_counts_what_was_given_in_an_earlier_run():
    calls = MockedCalls({"shop/get": recorded_mock(trace_of(("a", 1), ("b", 2)), "shop/get")})
    calls.take(request(url="a"))
    assert await answers(calls, "a") == [2]


def test_it_finds_calls_in_loops_branches_and_other_flows():
    inner = trace_of(("a", 1))
    trace = [
        {"step": "f", "kind": "for", "items": [{"item": 0, "steps": inner}, "… and 3 more"]},
        {"step": "r", "kind": "run", "steps": [{"step": "x", "kind": "run", "steps": inner}]},
        {"step": "z", "kind": "return", "then": inner},
        "… and 5 more",
    ]
    assert [reply.data for reply in recorded_mock(trace, "shop/get").replies] == [1, 1, 1]
    assert not recorded_mock(trace, "shop/other").replies


async def test_it_fails_where_the_recorded_call_failed():
    (entry,) = trace_of(("a", 1), error="shop.test: no connection within 30 s.")
    del entry["response"]
    calls = MockedCalls({"shop/get": recorded_mock([entry], "shop/get")})
    with pytest.raises(UpstreamFailed, match="no connection within 30 s"):
        await calls.send(request(url="a"), [])
