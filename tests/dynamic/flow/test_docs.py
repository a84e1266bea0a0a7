"""The examples of docs/flows.md compile, and give what stands under them."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from dynamic.flow.functions.table import FUNCTIONS
from dynamic.flow.outcome import Status
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input, run
from dynamic.flow.steps.parsing import KINDS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "flows.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n(?:\n`(.*?)` → `(.*?)`\n)?", TEXT, re.DOTALL)
SHOWN = [example for example in EXAMPLES if example[1]]


@pytest.mark.parametrize("source", [source for source, _, _ in EXAMPLES])
def test_it_compiles(source):
    assert compile_flow(source, {"shop/get-order"}, {"order-totals"})


@pytest.mark.parametrize(("source", "payload", "body"), SHOWN)
async def test_it_gives_what_the_page_says(source, payload, body):
    deadline = asyncio.get_running_loop().time() + 5
    outcome = await run(compile_flow(source, None), {}, Input(json.loads(payload)), None, deadline)
    assert outcome.status is Status.SUCCESS
    assert outcome.body == json.loads(body)


def test_it_names_every_function():
    named = re.findall(r"^\| `\$(\w+)\(", TEXT, re.MULTILINE)
    assert named == list(FUNCTIONS)


def test_it_has_a_section_for_each_kind_of_step():
    sections = set(re.findall(r"^### (\w+)$", TEXT, re.MULTILINE))
    assert sections | {"break", "continue"} == set(KINDS)
    assert len(SHOWN) >= 8
