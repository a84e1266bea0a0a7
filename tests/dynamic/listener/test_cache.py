"""Answers to reads that are given again: RFC 9110 sections 8.8.3 and 13, RFC 9111."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from dynamic.listener.answer import Answer
from dynamic.listener.answers import LARGEST, Answers
from dynamic.listener.cache import purge
from dynamic.models import Pipe, Run, System
from tests.doors import PREFIX
from tests.dynamic.listener.test_early_answers import held  # noqa: F401
from tests.dynamic.listener.test_lifecycle import eventually
from tests.dynamic.test_memory import WITHIN, quiet, two  # noqa: F401

ECHO = """
version: 1
steps:
  - return: {body: {payload: "{{ payload }}", method: "{{ method }}"}}
"""


@pytest.fixture
def ask(scene):
    """Make a pipe that caches; gives what calls it."""

    def make(document=ECHO, **fields):
        pipe = scene.workshop.pipe(document, **{"cache_seconds": 60, **fields})

        def call(query="", method="GET", **more):
            return scene.call(pipe, method, query, **more)

        call.pipe = pipe
        return call

    return make


def returning(**parts):
    listed = ", ".join(f"{name}: {value}" for name, value in parts.items())
    return f"version: 1\nsteps:\n  - return: {{{listed}}}\n"


def kept(call):
    """What the call is answered from memory.

    A worker forgets when it hears of what the test has just made, so the second call may not do.
    """
    for _ in range(20):
        reply = call()
        if "age" in reply.headers:
            return reply
    raise AssertionError("no answer was given again")


def run_of(reply):
    assert reply.headers["run-status"] == "success"
    return reply.headers["run-id"]


class TestAnAnswerThatIsGivenAgain:
    def test_it_is_the_same_answer_and_names_the_run_that_made_it(self, ask):
        call = ask()
        first = call("a=1")
        assert "age" not in first.headers
        again = kept(lambda: call("a=1"))
        assert (again.status, again.body) == (200, first.body)
        assert 0 <= int(again.headers["age"]) <= 60
        assert again.headers["request-id"] != first.headers["request-id"]
        for name in ("etag", "cache-control", "content-type", "content-length", "vary"):
            assert again.headers[name] == first.headers[name]
        assert first.headers["cache-control"] == "private, max-age=60"

    def test_it_makes_no_run_but_counts_as_a_call(self, ask):
        call = ask(calls_a_minute=100)
        again = kept(call)
        left = int(again.headers["ratelimit"].partition("r=")[2].partition(";")[0])
        runs = {run_of(again), *(run_of(call()) for _ in range(3))}
        assert call().headers["ratelimit"].startswith(f'"pipe";r={left - 4};')
        assert eventually(lambda: Run.objects.filter(pk__in=runs).count() == len(runs))
        assert Run.objects.count() < 100 - left + 4

    def test_it_is_not_for_pipes_that_do_not_cache(self, ask):
        call = ask(cache_seconds=0)
        first, second = call(), call()
        assert run_of(first) != run_of(second)
        assert first.headers["cache-control"] == "no-store"
        assert {"etag", "age", "vary"}.isdisjoint(second.headers)

    def test_it_is_not_for_writes(self, ask):
        call = ask()
        one = kept(call)
        other = call(method="POST")
        assert run_of(other) != run_of(one)
        assert other.headers["cache-control"] == "no-store"

    def test_it_serves_get_and_head_alike(self, ask):
        call = ask()
        head = call(method="HEAD")
        get = kept(call)
        assert (head.body, get.json["method"]) == (b"", "GET")
        assert head.headers["content-length"] == str(len(get.body))
        again = kept(partial(call, method="HEAD"))
        assert (again.body, again.headers["etag"]) == (b"", get.headers["etag"])


class TestWhoGetsIt:
    def test_it_is_never_given_to_another_key(self, ask, scene):
        call = ask()
        _, other = scene.workshop.key()
        mine = kept(call)
        theirs = call(token=other)
        assert "age" not in theirs.headers
        assert run_of(theirs) != run_of(mine)

    def test_it_is_given_to_all_keys_where_the_owner_says_so(self, ask, scene):
        call = ask(cache_shared=True)
        _, other = scene.workshop.key()
        mine = kept(call)
        assert kept(partial(call, token=other)).body == mine.body
        # A proxy that kept it would give it to people without a key.
        assert mine.headers["cache-control"] == "private, max-age=60"

    def test_it_is_given_to_nobody_who_may_not_call(self, ask, scene):
        call = ask(cache_shared=True)
        _, other = scene.workshop.key(pipes=[])
        kept(call)
        assert call(token=other).status == 403

    @pytest.mark.parametrize("query", ["a=2", "a=1&a=1", "a=1&b=", "b=1", ""])
    def test_it_is_not_the_answer_to_another_query(self, ask, query):
        call = ask()
        kept(partial(call, "a=1"))
        assert "age" not in call(query).headers

    def test_it_is_the_answer_however_the_query_is_encoded_and_the_key_is_sent(self, ask, scene):
        call = ask()
        kept(partial(call, "a=b%20c"))
        key_in_query = partial(scene.raw, call.pipe, "GET", f"a=b+c&token={scene.token}")
        assert kept(key_in_query).json["payload"] == {"a": "b c"}

    def test_it_is_the_answer_to_the_chosen_headers(self, ask):
        call = ask(cache_headers=["Accept-Language"])
        german, english = [("Accept-Language", "de")], [("Accept-Language", "en")]
        one = kept(partial(call, headers=german))
        assert "age" not in call(headers=english).headers
        assert "age" not in call().headers
        assert one.headers["vary"] == "Authorization, Access-Token, Accept-Language"
        assert "age" in kept(partial(call, headers=[*german, ("X-Other", "1")])).headers


class TestWhatIsKept:
    @pytest.mark.parametrize(
        ("document", "fields"),
        [
            ("version: 1\nsteps:\n  - fail: no\n", {}),
            ("version: 1\nsteps:\n  - fail: no\n", {"failure_mode": "compat"}),
            (returning(status=404, body="none"), {}),
            (returning(status=206, body="part"), {}),
            (returning(body="x", headers="{Cache-Control: 'max-age=9, No-Store'}"), {}),
            (returning(body="x", headers="{Cache-Control: no-cache}"), {}),
            (returning(body="x", headers="{Cache-Control: private}"), {"cache_shared": True}),
        ],
        ids=["failed", "compat", "404", "206", "no-store", "no-cache", "private"],
    )
    def test_it_keeps_no_failures_and_nothing_that_the_flow_forbids(self, ask, document, fields):
        call = ask(document, **fields)
        first, second = call(), call()
        assert first.headers["run-id"] != second.headers["run-id"]
        assert {"age", "etag"}.isdisjoint(second.headers)
        assert second.status == call(headers=[("If-None-Match", "*")]).status

    def test_it_leaves_what_the_flow_says_of_its_answer(self, ask):
        headers = "{ETag: 'W/\"v1\"', Cache-Control: max-age=5, Vary: Accept}"
        call = ask(returning(body="x", headers=headers))
        reply = kept(call)
        assert reply.headers["etag"] == 'W/"v1"'
        assert reply.headers["cache-control"] == "max-age=5"
        assert reply.headers["vary"] == "Accept, Authorization, Access-Token"
        assert call(headers=[("If-None-Match", '"v1"')]).status == 304

    def test_it_asks_anew_when_the_caller_says_no_cache_and_keeps_that(self, ask):
        call = ask()
        old = kept(call)
        new = call(headers=[("Cache-Control", "no-cache")])
        assert run_of(new) != run_of(old)
        assert run_of(kept(call)) != run_of(old)

    def test_it_keeps_nothing_when_the_caller_says_no_store(self, ask):
        call = ask()
        for _ in range(3):
            assert "age" not in call(headers=[("Cache-Control", "no-store")]).headers
        assert "age" not in call().headers


class TestIfNoneMatch:
    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ("{}", 304),
            ("W/{}", 304),
            ('"other", {}', 304),
            ('"a,b",{} , "c"', 304),
            ("*", 304),
            ('"other"', 200),
            ("unquoted", 200),
            ('"*"', 200),
        ],
    )
    def test_it_compares_weakly_and_reads_lists(self, ask, sent, status):
        call = ask()
        etag = call().headers["etag"]
        assert etag[0] == etag[-1] == '"'
        condition = [("If-None-Match", sent.format(etag))]
        assert kept(partial(call, headers=condition)).status == status

    def test_it_tells_in_304_what_200_would_have_told_and_no_more(self, ask):
        call = ask()
        full = call("a=1")
        condition = [("If-None-Match", full.headers["etag"])]
        fresh = call("a=1", headers=[*condition, ("Cache-Control", "no-cache")])
        assert (fresh.status, fresh.body) == (304, b"")
        assert run_of(fresh) != run_of(full), "it was asked anew, and is the same"
        for name in ("etag", "cache-control", "vary"):
            assert fresh.headers[name] == full.headers[name]
        assert "content-type" not in fresh.headers
        assert call("a=2", headers=condition).status == 200

    def test_it_has_an_etag_of_its_own_for_each_representation(self, ask):
        documents = [
            returning(body="x"),
            returning(body="y"),
            returning(body="x", headers="{Content-Type: text/plain}"),
            returning(body="x", headers="{X-Kind: a}"),
            returning(body="x", status=201),
        ]
        etags = {ask(each, name=each[-40:])().headers["etag"] for each in documents}
        assert len(etags) == 5

    def test_it_has_no_bearing_on_writes(self, ask):
        assert ask()(method="POST", headers=[("If-None-Match", "*")]).status == 200


class TestTogether:
    """Callers with the same question while it is being answered."""

    @pytest.fixture
    def together(self, scene, held, bob):  # noqa: F811
        if scene.door.name == "django":
            pytest.skip("its threads would share one test client's database lock")
        scene.workshop.call(scene.workshop.system("slow"), "held", "/held")
        return partial(self.asked_together, scene, held, bob)

    def asked_together(self, scene, held, bob, call):  # noqa: F811
        quiet([scene.door], call.pipe, bob)
        with ThreadPoolExecutor(4) as threads:
            first = threads.submit(call)
            assert eventually(lambda: held.requests_to("/held"))
            others = [threads.submit(call) for _ in range(3)]
            scene.call(call.pipe, "PUT")  # about as long as the others take to come
            held.let_go.set()
            return [one.result() for one in (first, *others)]

    def test_it_runs_once_for_all_of_them(self, ask, together, held):  # noqa: F811
        document = "version: 1\nsteps:\n  - {call: s, api: slow/held}\n  - return: {body: 1}\n"
        replies = together(ask(document))
        assert [reply.body for reply in replies] == [b"1"] * 4
        assert len(held.requests_to("/held")) == len({run_of(reply) for reply in replies}) == 1
        assert len({reply.headers["request-id"] for reply in replies}) == 4

    def test_it_shares_no_failure(self, ask, together):
        document = "version: 1\nsteps:\n  - {call: s, api: slow/held}\n  - fail: no\n"
        replies = together(ask(document))
        assert {reply.status for reply in replies} == {422}
        assert len({reply.headers["run-id"] for reply in replies}) == 4


class TestForgetting:
    @pytest.fixture
    def asked(self, two, workshop, bob):  # noqa: F811
        """A pipe whose answer each of two servers keeps; gives the pipe and what asks them."""
        system = workshop.system("s")
        workshop.call(system, "c", "/echo")
        pipe = workshop.pipe(ECHO, cache_seconds=3600)
        _, text = workshop.key()

        def ask():
            target, headers = f"{PREFIX}{pipe.id}", [("Access-Token", text)]
            return [server.request("GET", target, headers) for server in two]

        quiet(two, pipe, bob)
        return pipe, ask

    def test_it_gives_an_answer_again_on_each_server(self, asked):
        _, ask = asked
        first, second = ask(), ask()
        assert [run_of(reply) for reply in first] == [run_of(reply) for reply in second]
        assert len({run_of(reply) for reply in first}) == 2
        assert len({reply.headers["etag"] for reply in first}) == 1

    @pytest.mark.parametrize(
        "change",
        [
            purge,
            lambda pipe: pipe.flow.publish(),
            lambda pipe: Pipe.objects.update(cache_shared=True),
            lambda pipe: System.objects.update(base_url="http://127.0.0.1:1"),
        ],
        ids=["purged", "published", "pipe", "system"],
    )
    def test_it_forgets_on_each_server_within_a_second(self, asked, change):
        pipe, ask = asked
        old = {run_of(reply) for reply in ask()}
        pipe.flow.draft = ECHO.replace("payload:", "given:")
        pipe.flow.save()
        change(pipe)
        assert eventually(lambda: old.isdisjoint(run_of(reply) for reply in ask()), within=WITHIN)


class TestAnswers:
    """The memory itself, on a clock of the test's own."""

    @pytest.fixture
    def clock(self):
        return [0.0]

    @pytest.fixture
    def answers(self, clock):
        return Answers(most=10_000, clock=lambda: clock[0])

    def test_it_tells_the_age_and_forgets_when_the_time_is_over(self, answers, clock):
        answers.keep(("a",), Answer(200, b"x"), 60)
        clock[0] = 59.9
        assert answers.get(("a",)).headers["Age"] == "59"
        clock[0] = 60.0
        assert answers.get(("a",)) is None

    def test_it_is_bounded_in_bytes_and_drops_what_was_unused_longest(self, answers):
        for name in "abc":
            answers.keep((name,), Answer(200, b"x" * 1000), 60)
        answers.get(("a",))
        answers.keep(("d",), Answer(200, b"x" * 1000), 60)
        assert [name for name in "abcd" if answers.get((name,))] == ["a", "c", "d"]

    def test_it_keeps_no_large_answer_but_gives_it_to_those_who_wait(self):
        answers = Answers()
        kept = answers.keep(("a",), Answer(200, b"x" * (LARGEST + 1)), 60)
        assert answers.get(("a",)) is None
        assert answers.again(kept).headers == {"Age": "0"}

    def test_it_gives_each_caller_headers_of_its_own(self, answers):
        made = Answer(200, b"x")
        answers.keep(("a",), made, 60)
        for answer in (made, answers.get(("a",))):
            answer.headers["Request-Id"] = "mine"
        assert "Request-Id" not in answers.get(("a",)).headers

    @pytest.mark.parametrize("owners", [{1}, {1, 2}, {None}])
    def test_it_has_another_generation_after_each_change(self, answers, owners):
        before = answers.generation(1)
        answers.forget(owners)
        assert answers.generation(1) != before

    def test_it_leaves_the_generations_of_others(self, answers):
        before = answers.generation(1)
        answers.forget({2})
        assert answers.generation(1) == before
