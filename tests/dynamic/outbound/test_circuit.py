"""A host that fails and fails is left alone, and callers hear so at once."""

import asyncio

import pytest

from dynamic.flow.exchange import Resting, Unreachable, Unusable
from dynamic.outbound.circuit import FAILURES, LONGEST_REST, REST, Circuits


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuits(clock):
    return Circuits(clock)


def fail(circuits, times, host="a"):
    for _ in range(times):
        circuits.check(host)
        circuits.failed(host)


def test_it_opens_after_ten_failures_in_a_row(circuits):
    fail(circuits, FAILURES)
    with pytest.raises(Resting, match="a failed 10 times in a row, and is not asked for another"):
        circuits.check("a")
    circuits.check("b")


def test_it_counts_failures_in_a_row_only(circuits):
    fail(circuits, FAILURES - 1)
    circuits.succeeded("a")
    fail(circuits, FAILURES - 1)
    circuits.check("a")


def test_it_lets_one_try_after_its_rest_and_the_others_wait_on(circuits, clock):
    fail(circuits, FAILURES)
    clock.now += REST
    circuits.check("a")
    with pytest.raises(Resting):
        circuits.check("a")
    circuits.succeeded("a")
    circuits.check("a")


def test_it_rests_longer_each_time_to_a_limit(circuits, clock):
    fail(circuits, FAILURES)
    rests = []
    for _ in range(6):
        rest = 0
        while True:
            try:
                circuits.check("a")
                break
            except Resting:
                rest += 1
                clock.now += 1
        rests.append(rest)
        circuits.failed("a")
    assert rests == [REST, 20, 40, 80, LONGEST_REST, LONGEST_REST]


async def test_it_answers_fast_and_makes_no_connection(unused_port, deliver):
    url = f"http://127.0.0.1:{unused_port}/"
    for _ in range(FAILURES):
        with pytest.raises(Unreachable):
            await deliver(url)
    with pytest.raises(Resting, match=f"127.0.0.1:{unused_port} failed 10 times"):
        await deliver(url)


async def test_it_takes_any_answer_as_a_sign_of_life(api, deliver):
    api.answer("/a", 500)
    for _ in range(FAILURES * 2):
        assert (await deliver(f"{api.url}/a")).status_code == 500


def test_it_rests_once_for_all_that_were_under_way_when_it_opened(circuits, clock):
    for _ in range(100):
        circuits.check("a")
    for _ in range(100):
        circuits.failed("a")
    clock.now += REST
    circuits.check("a")
    circuits.failed("a")
    clock.now += 2 * REST
    circuits.check("a")


def test_it_lets_the_next_one_try_where_the_first_ended_without_a_word(circuits, clock):
    fail(circuits, FAILURES)
    clock.now += REST
    circuits.check("a")
    circuits.untold("a")
    circuits.check("a")
    with pytest.raises(Resting):
        circuits.check("a")


def test_it_keeps_the_failures_of_one_system_from_another(circuits):
    for _ in range(FAILURES):
        circuits.failed("a", "system 1")
    with pytest.raises(Resting):
        circuits.check("a", "system 1")
    circuits.check("a", "system 2")


async def test_it_takes_an_answer_that_cannot_be_used_as_a_sign_of_life(listen, deliver, reset):
    seen = []

    async def flaky(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        if len(seen) % FAILURES:
            reset(writer)
        else:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            writer.write(head + b"Content-Length: 1\r\nConnection: close\r\n\r\n<")

    server = await listen(flaky)
    for number in range(1, 2 * FAILURES + 1):
        # A POST, as aiohttp repeats a GET by itself when its connection is gone.
        with pytest.raises(Unreachable if number % FAILURES else Unusable):
            await deliver(server.url, "POST")


async def test_it_lets_the_next_one_try_where_the_caller_of_the_first_went_away(listen, deliver):
    arrived = asyncio.Event()
    connections = []

    async def late(reader, writer):
        connections.append(writer)
        if len(connections) <= FAILURES:
            writer.close()
            return
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        if len(connections) > FAILURES + 1:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    server, clock = await listen(late), Clock()
    deliver.delivery._circuits = Circuits(clock)
    for _ in range(FAILURES):
        with pytest.raises(Unreachable):
            await deliver(server.url, "POST")
    clock.now += REST
    first = asyncio.create_task(deliver(server.url, "POST"))
    await arrived.wait()
    first.cancel()
    await asyncio.wait([first])
    assert (await deliver(server.url, "POST")).status_code == 204
