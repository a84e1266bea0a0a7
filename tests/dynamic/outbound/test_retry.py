"""Attempts after the first: when, how long after, and how they are told."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from dynamic.flow.exchange import Response, TimedOut, Unreachable
from dynamic.flow.retry import LONGEST_WAIT, RetryRule, retry_after
from dynamic.outbound.client import Timeouts
from dynamic.outbound.delivery import Journey
from tests.dynamic.outbound.api import response

SOON = {"attempts": 3, "wait": 0}


def rule(**more):
    return RetryRule.parse({**SOON, **more})


async def test_it_tries_again_until_it_goes_well(api, deliver):
    api.answer("/a", 503, 502, {"ok": True})
    answer = await deliver(f"{api.url}/a", retry=rule())
    assert answer.data == {"ok": True}
    assert [entry["status_code"] for entry in deliver.attempts] == [503, 502, 200]
    assert all(entry["url"].endswith("/a") and entry["ms"] > 0 for entry in deliver.attempts)
    assert deliver.attempts[0]["waited_ms"] == 0


async def test_it_gives_the_last_answer_when_its_attempts_are_used_up(api, deliver):
    api.answer("/a", 503)
    answer = await deliver(f"{api.url}/a", retry=rule())
    assert (answer.status_code, len(api.seen)) == (503, 3)


@pytest.mark.parametrize(
    ("method", "more", "times"),
    [
        ("GET", {}, 3),
        ("PUT", {}, 3),
        ("DELETE", {}, 3),
        ("POST", {}, 1),
        ("PATCH", {}, 1),
        ("POST", {"every_method": True}, 3),
    ],
)
async def test_it_repeats_only_what_may_be_done_twice(api, deliver, method, more, times):
    api.answer("/a", 503)
    await deliver(f"{api.url}/a", method, retry=rule(**more))
    assert len(api.seen) == times


@pytest.mark.parametrize(("status", "times"), [(500, 1), (404, 1), (429, 3), (504, 3), (200, 1)])
async def test_it_repeats_only_for_passing_troubles(api, deliver, status, times):
    api.answer("/a", status)
    await deliver(f"{api.url}/a", retry=rule())
    assert len(api.seen) == times


async def test_it_takes_the_statuses_of_the_rule(api, deliver):
    api.answer("/a", 409)
    await deliver(f"{api.url}/a", retry=rule(statuses="409"))
    assert len(api.seen) == 3


async def test_it_sends_once_without_a_rule(api, deliver):
    api.answer("/a", 503)
    await deliver(f"{api.url}/a")
    assert len(deliver.attempts) == len(api.seen) == 1


async def test_it_repeats_after_a_broken_connection_and_a_time_out(listen, deliver, reset):
    heads = []

    async def flaky(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if len(heads) == 1:
            reset(writer)
        elif len(heads) == 2:
            await reader.read()
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server = await listen(flaky)
    timeouts = Timeouts(connect=2.0, read=0.3)
    # A POST, as aiohttp repeats a GET by itself when its connection is gone.
    answer = await deliver(
        f"{server.url}/", "POST", retry=rule(every_method=True), timeouts=timeouts
    )
    assert answer.data == "ok"
    assert "error" in deliver.attempts[0]
    assert "within 0.3 s" in deliver.attempts[1]["error"]


async def test_it_tells_every_attempt_of_a_failure(unused_port, deliver):
    with pytest.raises(Unreachable):
        await deliver(f"http://127.0.0.1:{unused_port}/", retry=rule())
    assert len(deliver.attempts) == 3


async def test_it_waits_as_long_as_it_is_told(api, deliver):
    api.answer("/a", response(429, Retry_After="1"), {"ok": True})
    began = time.monotonic()
    answer = await deliver(f"{api.url}/a", retry=rule())
    assert answer.status_code == 200
    assert time.monotonic() - began >= 1


async def test_it_gives_up_at_once_when_the_wait_would_outlast_the_run(api, deliver):
    api.answer("/a", response(503, Retry_After="30"))
    journey = Journey(asyncio.get_running_loop().time() + 10)
    answer = await deliver(f"{api.url}/a", retry=rule(), journey=journey)
    assert (answer.status_code, len(api.seen)) == (503, 1)


async def test_it_gives_up_when_told_to_stay_away_for_long(api, deliver):
    api.answer("/a", response(503, Retry_After="3600"))
    answer = await deliver(f"{api.url}/a", retry=rule())
    assert (answer.status_code, len(api.seen)) == (503, 1)


def test_it_waits_longer_each_time_and_by_chance():
    passing = RetryRule.parse({"attempts": 10, "wait": 1})
    delays = [passing.delay(attempt, Unreachable("x")) for attempt in range(1, 10)]
    for attempt, delay in enumerate(delays):
        assert min(LONGEST_WAIT, 2.0**attempt) / 2 <= delay <= min(LONGEST_WAIT, 2.0**attempt)
    assert len({passing.delay(5, TimedOut("x")) for _ in range(20)}) > 1


def answered(value):
    return Response(503, {"retry-after": value}, None, 1.0)


def test_it_reads_both_forms_of_retry_after():
    assert retry_after(answered("120")) == 120
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 28 <= retry_after(answered(soon)) <= 30
    assert retry_after(answered("Wed, 21 Oct 2015 07:28:00 GMT")) == 0


@pytest.mark.parametrize(
    "value",
    [
        *("", "soon", "-1", "1.5", "²", "Wed, 99 Oct 2015"),
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 +9999999999999999",
    ],
)
def test_it_ignores_a_retry_after_that_says_nothing(value):
    assert retry_after(answered(value)) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"attempts": 0}, "attempts is a whole number from 1 to 10"),
        ({"attempts": True}, "attempts"),
        ({"attempts": 11}, "attempts"),
        ({}, None),
        ({"wait": 1}, "attempts"),
        ({"attempts": 2, "wait": -1}, "wait"),
        ({"attempts": 2, "wait": float("nan")}, "wait"),
        ({"attempts": 2, "statuses": "5xx"}, "5xx"),
        ({"attempts": 2, "statuses": [503]}, "statuses"),
        ({"attempts": 2, "every_method": "no"}, "every_method"),
        ({"attempts": 2, "times": 3}, "A retry rule is an object of some of"),
        ([1], "A retry rule"),
    ],
)
def test_it_refuses_a_rule_that_says_nothing(written, said):
    if said is None:
        assert RetryRule.parse(written).attempts == 1
        return
    with pytest.raises(ValueError, match=said):
        RetryRule.parse(written)
