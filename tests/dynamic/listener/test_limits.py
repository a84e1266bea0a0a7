"""Limits: calls a minute by key, failed attempts by address; counted together by Redis."""

import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from apikeys.limiting import FAILED, LIMITS, Limits, calls_of_key, network_of
from tests.doors import PREFIX, AsgiDoor
from tests.dynamic.scene import make_scene
from tests.dynamic.test_memory import quiet

REDIS = "redis://127.0.0.1:6379/10"
HELLO = "version: 1\nsteps:\n  - return: {body: hello}\n"


@pytest.fixture(autouse=True)
def _fresh_counts():
    LIMITS.memory.storage.reset()


class TestCallsOfAKey:
    def test_it_tells_how_many_are_left(self, scene):
        _, text = scene.workshop.key(calls_per_minute=2)
        first, second, third = (scene.call(scene.pipes.echo, token=text) for _ in range(3))
        assert first.headers["ratelimit-policy"] == '"key";q=2;w=60'
        assert first.headers["ratelimit"].startswith('"key";r=1;t=')
        assert second.headers["ratelimit"].startswith('"key";r=0;t=')
        assert (third.status, third.json["code"]) == (429, "too_many_calls")
        assert 1 <= int(third.headers["retry-after"]) <= 60
        assert third.headers["ratelimit"].startswith('"key";r=0;t=')

    def test_it_slows_no_other_key(self, scene):
        _, text = scene.workshop.key(calls_per_minute=1)
        for _ in range(2):
            scene.call(scene.pipes.echo, token=text)
        reply = scene.call(scene.pipes.echo)
        assert reply.status == 200
        assert "ratelimit" not in reply.headers

    def test_it_lets_in_exactly_as_many_however_many_come_at_once(self, scene):
        _, text = scene.workshop.key(calls_per_minute=20)
        if scene.door.name == "django":
            pytest.skip("its threads would share one test client's database lock")
        with ThreadPoolExecutor(16) as threads:
            calls = [threads.submit(scene.call, scene.pipes.echo, token=text) for _ in range(50)]
        statuses = [call.result().status for call in calls]
        assert (statuses.count(200), statuses.count(429)) == (20, 30)


class TestFailedAttempts:
    def test_it_stops_an_address_and_no_other(self, scene):
        wrong = [("Access-Token", "x")]
        for _ in range(FAILED.amount):
            assert scene.raw(scene.pipes.echo, headers=wrong, source="127.77.0.1").status == 401
        reply = scene.raw(scene.pipes.echo, headers=wrong, source="127.77.0.1")
        assert (reply.status, reply.json["code"]) == (429, "too_many_attempts")
        assert 1 <= int(reply.headers["retry-after"]) <= 60
        assert scene.raw(scene.pipes.echo, headers=wrong, source="127.77.0.2").status == 401

    def test_it_slows_no_key_that_is_known(self, asgi_door, workshop, bob):
        scene = make_scene(asgi_door, workshop, bob)
        good = [("Access-Token", scene.token)]
        quiet([asgi_door], scene.pipes.echo, bob)
        assert scene.raw(scene.pipes.echo, headers=good, source="127.78.0.1").status == 200
        for _ in range(FAILED.amount + 1):
            scene.raw(scene.pipes.echo, headers=[("Access-Token", "x")], source="127.78.0.1")
        assert scene.raw(scene.pipes.echo, headers=good, source="127.78.0.1").status == 200

    def test_it_counts_an_ipv6_customer_as_one(self):
        assert network_of("2001:db8:0:1::1") == network_of("2001:db8:0:1:ffff::1")
        assert network_of("2001:db8:0:1::1") != network_of("2001:db8:0:2::1")


@pytest.fixture
def redis_url():
    try:
        redis.Redis.from_url(REDIS).ping()
    except redis.RedisError:
        pytest.skip("There is no Redis on this machine.")
    return REDIS


class TestRedis:
    def test_it_counts_for_all_workers_together(self, redis_url):
        one, other, who = Limits(redis_url), Limits(redis_url), uuid.uuid4().hex
        item = calls_of_key(2)
        assert [limits.hit(item, who).allowed for limits in (one, other, one)] == [
            True,
            True,
            False,
        ]
        assert not other.look(item, who).allowed

    def test_it_counts_for_two_servers_together(self, redis_url, workshop, tmp_path):
        pipe, limited = workshop.pipe(HELLO), workshop.pipe(HELLO, "Limited", calls_a_minute=3)
        _, of_three = workshop.key(calls_per_minute=3)
        _, any_other = workshop.key()
        servers = [
            AsgiDoor(tmp_path / f"{number}.txt", INTEGRATOR_REDIS_URL=redis_url)
            for number in range(2)
        ]

        def statuses(of, text):
            return [
                server.request("GET", f"{PREFIX}{of.id}", [("Access-Token", text)]).status
                for _ in range(2)
                for server in servers
            ]

        try:
            assert statuses(pipe, of_three) == [200, 200, 200, 429]
            assert statuses(limited, any_other) == [200, 200, 200, 429]
        finally:
            for server in servers:
                server.close()

    def test_it_counts_alone_while_redis_is_away(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        limits = Limits(f"redis://127.0.0.1:{port}/0")
        assert not limits.at_once
        item = calls_of_key(1)
        assert [limits.hit(item, "k").allowed for _ in range(2)] == [True, False]
