"""Limits of a pipe: calls a minute of all callers together, and runs at once."""

import asyncio
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest

from apikeys.limiting import LIMITS
from dynamic.listener.pipe_limits import Busy, Places
from dynamic.models import Run
from tests.dynamic.listener.test_early_answers import held  # noqa: F401
from tests.dynamic.listener.test_lifecycle import eventually

HELLO = "version: 1\nsteps:\n  - return: {body: hello}\n"
HELD = """
version: 1
steps:
  - {call: work, api: slow/held}
  - return: {body: done}
"""
GOES_ON = """
version: 1
steps:
  - return: {body: taken}
    then: [{call: work, api: slow/held}]
"""


@pytest.fixture(autouse=True)
def _fresh_counts():
    LIMITS.memory.storage.reset()


class TestCallsAMinute:
    def test_it_counts_the_calls_of_all_keys_together(self, scene):
        pipe = scene.workshop.pipe(HELLO, calls_a_minute=2)
        _, other = scene.workshop.key()
        first, second, third = (scene.call(pipe, token=text) for text in (None, other, None))
        assert first.headers["ratelimit-policy"] == '"pipe";q=2;w=60'
        assert first.headers["ratelimit"].startswith('"pipe";r=1;t=')
        assert (second.status, third.status, third.json["code"]) == (200, 429, "too_many_calls")
        assert "This pipe takes 2 calls a minute" in third.json["detail"]
        assert 1 <= int(third.headers["retry-after"]) <= 60
        assert third.headers["ratelimit"].startswith('"pipe";r=0;t=')

    def test_it_slows_no_other_pipe(self, scene):
        pipe = scene.workshop.pipe(HELLO, calls_a_minute=1)
        assert [scene.call(pipe).status for _ in range(2)] == [200, 429]
        assert "ratelimit" not in scene.call(scene.pipes.echo).headers

    @pytest.mark.parametrize(
        ("of_pipe", "of_key", "told"),
        [(5, 3, '"key";r=2'), (3, 5, '"pipe";r=2')],
        ids=["key", "pipe"],
    )
    def test_it_tells_the_limit_of_which_less_is_left(self, scene, of_pipe, of_key, told):
        pipe = scene.workshop.pipe(HELLO, calls_a_minute=of_pipe)
        _, text = scene.workshop.key(calls_per_minute=of_key)
        assert scene.call(pipe, token=text).headers["ratelimit"].startswith(told)

    def test_it_does_not_let_one_key_use_up_the_pipe(self, scene):
        pipe = scene.workshop.pipe(HELLO, calls_a_minute=2)
        _, text = scene.workshop.key(calls_per_minute=1)
        assert [scene.call(pipe, token=text).status for _ in range(3)] == [200, 429, 429]
        assert scene.call(pipe).status == 200


class TestAtOnce:
    @pytest.fixture
    def limited(self, scene, held):  # noqa: F811
        slow = scene.workshop.system("slow")
        scene.workshop.call(slow, "held", "/held")

        def make(document):
            return scene.workshop.pipe(document, at_once=1)

        return make

    def test_it_lets_as_many_wait_as_may_run_and_refuses_the_next(self, scene, limited, held):  # noqa: F811
        if scene.door.name == "django":
            pytest.skip("its threads would share one test client's database lock")
        pipe = limited(HELD)
        with ThreadPoolExecutor(3) as threads:
            running = threads.submit(scene.call, pipe)
            assert eventually(lambda: held.requests_to("/held"))
            more = [threads.submit(scene.call, pipe) for _ in range(2)]
            wait(more, return_when=FIRST_COMPLETED)  # one waits for its turn, the other is told
            held.let_go.set()
            replies = [running.result(), *(call.result() for call in more)]
        assert sorted(reply.status for reply in replies) == [200, 200, 503]
        busy = next(reply for reply in replies if reply.status == 503)
        assert (busy.json["code"], busy.headers["retry-after"]) == ("pipe_busy", "1")
        assert "run-id" not in busy.headers
        assert eventually(lambda: Run.objects.count() == 2)

    def test_it_counts_a_run_that_goes_on_until_it_ends(self, scene, limited, held):  # noqa: F811
        pipe = limited(GOES_ON)
        key = ("Idempotency-Key", "k")
        assert scene.call(pipe).status == 200
        assert scene.call(pipe, "POST", headers=[key]).json["code"] == "pipe_busy"
        held.let_go.set()
        # The key is as free as the place: nothing was run for it.
        assert eventually(lambda: scene.call(pipe, "POST", headers=[key]).status == 200)

    def test_it_gives_the_place_back_when_a_run_fails(self, scene):
        pipe = scene.workshop.pipe("version: 1\nsteps:\n  - fail: no\n", at_once=1)
        assert [scene.call(pipe).status for _ in range(2)] == [422, 422]


class TestPlaces:
    async def test_it_lets_in_by_turns(self):
        places, order = Places(), []

        async def run(number):
            with await places.take("p", 2):
                order.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(run(number) for number in range(4)))
        assert order == [0, 1, 2, 3]

    async def test_it_never_gives_more_places_than_there_are(self):
        places, inside, most = Places(), 0, 0

        async def run():
            nonlocal inside, most
            with await places.take("p", 3):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        results = await asyncio.gather(*(run() for _ in range(50)), return_exceptions=True)
        assert most == 3
        assert {type(result) for result in results} == {type(None), Busy}
        assert results.count(None) == 6

    async def test_it_hands_on_the_place_of_one_who_left_with_it(self):
        places = Places()
        with await places.take("p", 1):
            leaver = asyncio.create_task(places.take("p", 1))
            await asyncio.sleep(0)
        leaver.cancel()  # in the moment in which it got its place
        await asyncio.wait((leaver,))
        with await places.take("p", 1):
            pass

    async def test_it_forgets_one_who_left_the_queue(self):
        places = Places()
        with await places.take("p", 1):
            leaver = asyncio.create_task(places.take("p", 1))
            await asyncio.sleep(0)
            leaver.cancel()
            await asyncio.wait((leaver,))
            waiter = asyncio.create_task(places.take("p", 1))
            await asyncio.sleep(0)
        with await waiter:
            pass

    async def test_it_heeds_a_limit_that_was_changed(self):
        places = Places()
        with await places.take("p", 1), await places.take("p", 2):
            waiter = asyncio.create_task(places.take("p", 1))
            await asyncio.sleep(0)
        with await waiter:
            pass
