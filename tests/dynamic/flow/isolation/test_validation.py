"""Input schemas that would hang a server: a helper is ended, and nothing else."""

import asyncio

import pytest

from dynamic.flow.isolation.validation import LIGHT, problems_of
from dynamic.flow.outcome import Status
from dynamic.flow.problems import StepFailed
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input, run
from dynamic.flow.schema import InputSchema
from tests.dynamic.flow.test_schema_size import doubling

TREE = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "parts": {"items": {"$ref": "#"}}},
}
WORDS = {"type": "array", "items": {"enum": [f"word {n}" for n in range(1000)]}}


def check(schema, payload):
    return asyncio.run(problems_of(InputSchema(schema), payload))


def test_it_checks_trees():
    assert check(TREE, {"name": "a", "parts": [{"name": "b"}, {"name": "c", "parts": []}]}) == []
    assert check(TREE, {"name": "a", "parts": [{"name": "b"}, {"name": 7}]}) == [
        {"path": "parts[1].name", "message": 'This value is not of type "string".'}
    ]


def test_it_tells_the_same_of_what_is_large():
    payload = ["word 1"] * 500 + ["nope"]
    assert InputSchema(WORDS).size * len(str(payload)) > LIGHT
    assert check(WORDS, payload) == InputSchema(WORDS).problems(payload)
    assert [problem["path"] for problem in check(WORDS, payload)] == ["[500]"]


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        (doubling(40), {}),
        ({"items": {"enum": list(range(10_000))}}, [10_001] * 100_000),
    ],
)
def test_it_ends_what_takes_too_much(schema, payload):
    with pytest.raises(StepFailed, match="takes more than 250 ms"):
        check(schema, payload)


def test_it_says_what_cannot_be_checked():
    with pytest.raises(StepFailed, match="JSON cannot hold"):
        check(TREE, {"name": "\ud800"})


def test_a_flow_ends_where_its_input_cannot_be_checked():
    flow = compile_flow(f"version: 1\ninput: {doubling(40)!r}\nsteps: [{{return: {{}}}}]", [])

    async def play():
        deadline = asyncio.get_running_loop().time() + 30
        return await run(flow, {}, Input({}), None, deadline)

    outcome = asyncio.run(play())
    assert outcome.status is Status.FLOW_ERROR
    assert outcome.message.startswith("Checking the payload against the flow's input ")
    assert outcome.trace == []
