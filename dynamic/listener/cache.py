"""Reads of a pipe that may give an answer again: from memory, from a run under way, or anew.

A key has answers of its own unless the pipe's owner lets all callers share. What counts as the
same question is the query as the flow sees it and the headers that the owner chose. An answer is
kept where its run was a success with a status of 200 to 299, and the flow says nothing against it.
Who comes while the same question is being answered waits for that answer; should it fail, each
asks for itself. No run is made for an answer that is given again: it names the run that made it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson
from django.db.models import F

from dynamic.flow.runner import Status
from dynamic.listener.answer import Answer
from dynamic.listener.answers import CacheRules, Kept, Key
from dynamic.listener.running import Admitted, PipeRun
from dynamic.listener.runtime import Runtime
from dynamic.listener.validators import add_validators, directives, unchanged
from dynamic.models import Pipe

_ANEW = frozenset({"no-cache", "max-age=0"})  # of a caller, RFC 9111 section 5.2.1
_NOT_KEPT = frozenset({"no-store", "no-cache"})  # of a flow, section 5.2.2

MakeRun = Callable[[PipeRun], Awaitable[Answer]]


def purge(pipe: Pipe) -> None:
    """Have every server forget the pipe's answers, within a second of the commit.

    It is the row's trigger that tells them, so nothing of the row need change.
    """
    Pipe.objects.filter(pk=pipe.pk).update(cache_seconds=F("cache_seconds"))


async def read(call: Admitted, rules: CacheRules, runtime: Runtime, run: MakeRun) -> Answer:
    """Answer a GET or HEAD; `run` makes one run of the flow. Raises what it raises."""
    wishes = directives(call.input.headers.get("cache-control", ""))
    if call.method == "HEAD":
        # Its headers are those of a GET (RFC 9110 section 9.3.2), which may get this answer.
        call = replace(call, input=replace(call.input, method="GET"))
    reading = _Reading(call, rules, runtime, run)
    key = None if "no-store" in wishes else reading.key()
    if key is None or wishes & _ANEW:
        answer, _ = await reading.make(key)
    else:
        answer = runtime.answers.get(key) or await reading.join(key)
    return unchanged(answer, call.input.headers.get("if-none-match"))


class _Reading:
    def __init__(self, call: Admitted, rules: CacheRules, runtime: Runtime, run: MakeRun) -> None:
        self._call = call
        self._rules = rules
        self._runtime = runtime
        self._answers = runtime.answers
        self._run = run

    def key(self) -> Key | None:
        """What the answer is kept by; None where the pipe changed since the call was let in."""
        pipe, given = self._call.pipe, self._call.input
        if pipe.runnable is None or self._runtime.pipes.known(pipe.pipe_id) is not pipe:
            return None
        chosen = [given.headers.get(name) for name in self._rules.headers]
        return (
            pipe.pipe_id,
            pipe.runnable.version,
            self._answers.generation(pipe.owner_id),
            None if self._rules.shared else self._call.caller.record.public_id,
            hashlib.sha256(orjson.dumps([given.query, chosen])).digest(),
        )

    async def join(self, key: Key) -> Answer:
        """The answer of the run that is under way for the same question, or of a new one."""
        under_way = self._answers.under_way.get(key)
        if under_way is None:
            return await self._lead(key)
        # Shielded: the future is everybody's, and must not end with one who waits for it.
        kept = await asyncio.shield(under_way)
        if kept is not None:
            return self._answers.again(kept)
        answer, _ = await self.make(key)
        return answer

    async def _lead(self, key: Key) -> Answer:
        under_way = asyncio.get_running_loop().create_future()
        self._answers.under_way[key] = under_way
        kept = None
        try:
            answer, kept = await self.make(key)
            return answer
        finally:
            del self._answers.under_way[key]
            under_way.set_result(kept)

    async def make(self, key: Key | None) -> tuple[Answer, Kept | None]:
        """Run the flow, and keep its answer if it may be kept."""
        answer = await self._run(PipeRun(self._call, self._runtime))
        if not self._may_be_kept(answer):
            return answer, None
        add_validators(answer, self._rules.seconds, self._rules.headers)
        if key is None:
            return answer, None
        return answer, self._answers.keep(key, answer, self._rules.seconds)

    def _may_be_kept(self, answer: Answer) -> bool:
        said = directives(answer.headers.get("Cache-Control", ""))
        return (
            answer.headers.get("Run-Status") == Status.SUCCESS
            and 200 <= answer.status < 300
            and answer.status != 206  # a part of something, whose range is not in the key
            and not said & _NOT_KEPT
            and not ("private" in said and self._rules.shared)
        )
