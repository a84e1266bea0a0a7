"""A host that fails and fails is left alone, and callers hear so at once."""

import pytest

from dynamic.flow.exchange import Resting, Unreachable
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
