"""`log` and `sleep`, and a step's own retry rule."""

import pytest

from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from tests.dynamic.flow.test_runner import ORDER, ORDER_URL, Upstream, play


async def test_it_notes_a_text_or_more():
    outcome = await play(
        '  - log: "order {{ payload.id }}"\n'
        '  - log: {level: error, message: bad, data: "{{ payload }}"}\n',
        payload={"id": 7},
    )
    first, second = outcome.trace
    assert (first["level"], first["message"]) == ("detail", "order 7")
    assert "data" not in first
    assert (second["level"], second["message"], second["data"]) == ("error", "bad", {"id": 7})


async def test_it_waits_and_counts_it():
    outcome = await play('  - sleep: "{{ payload.seconds }}"\n', payload={"seconds": 0.02})
    assert outcome.status is Status.SUCCESS
    assert outcome.trace[0]["ms"] >= 20


async def test_it_does_not_sleep_beyond_the_deadline():
    outcome = await play("  - sleep: 60\n", seconds=0.05)
    assert outcome.status is Status.TIMED_OUT


@pytest.mark.parametrize("seconds", ["x", -1, None, True, 4000])
async def test_it_refuses_to_sleep_for_what_is_no_time(seconds):
    outcome = await play('  - sleep: "{{ payload.seconds }}"\n', payload={"seconds": seconds})
    assert "sleep takes seconds, 0 to 3600" in outcome.message


async def test_it_sends_the_steps_own_retry_rule():
    upstream = Upstream({ORDER_URL: ORDER})
    await play(
        "  - call: order\n    api: shop/get-order\n    with: {id: A1}\n    retry: {attempts: 4}\n",
        upstream,
    )
    assert upstream.requests[0].retry.attempts == 4


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - log: {level: loud, message: x}\n", "detail or error"),
        ("  - log: {level: error}\n", "log needs a message"),
        ("  - log: 1\n", "What log holds must be a mapping"),
        ("  - sleep: -1\n", "sleep takes seconds"),
        ("  - sleep: soon\n", "sleep takes seconds"),
        ("  - {call: a, api: x/y, retry: {attempts: 99}}\n", "attempts is a whole number"),
    ],
)
def test_it_says_what_is_wrong(steps, said):
    with pytest.raises(DocumentInvalid) as caught:
        compile_flow(f"version: 1\nsteps:\n{steps}", None)
    assert said in str(caught.value)
