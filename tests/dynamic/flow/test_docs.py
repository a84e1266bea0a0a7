"""The examples of docs/flows.md: each gives what stands under it."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from dynamic.demo.systems import ORDERS
from dynamic.flow.exchange import Response
from dynamic.flow.functions.table import FUNCTIONS
from dynamic.flow.outcome import Status
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Hooks, Input, run
from dynamic.flow.steps.parsing import KINDS
from tests.dynamic.flow.test_runner import APIS, Upstream

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "flows.md").read_text("utf-8")
# A document, a payload, and what the caller gets for it: `body`; 201, `body`; 204.
EXAMPLES = re.findall(
    r"```yaml\n(.*?)```\n\n`(.*?)` → (?:(\d{3}),? ?)?(?:`(.*?)`)?\n", TEXT, re.DOTALL
)
SECTIONS = dict(re.findall(r"^### (\w+)$(.*?)(?=^##)", TEXT, re.DOTALL | re.MULTILINE))
SNIPPET, _ = re.findall(r"```yaml\n(.*?)```", SECTIONS["run"], re.DOTALL)  # and who runs it


@pytest.mark.parametrize(("source", "payload", "status", "body"), EXAMPLES)
async def test_it_gives_what_the_page_says(source, payload, status, body):
    flows = {"order-totals": compile_flow(SNIPPET, set())}
    program = compile_flow(source, {"shop/get-order"}, flows)
    shop = Upstream(
        {f"http://shop.example/orders/{n}": Response(200, {}, ORDERS[n], 1.0) for n in ORDERS}
    )
    deadline = asyncio.get_running_loop().time() + 5
    hooks = Hooks(notify=_takes_mail)
    outcome = await run(program, APIS, Input(json.loads(payload)), shop, deadline, flows, hooks)
    answer = outcome.body
    if outcome.status is Status.FAILED:
        more = {} if outcome.data is None else {"data": outcome.data}
        answer = {"detail": outcome.message, **more}
    assert outcome.http_status == int(status or 200)
    assert answer == (json.loads(body) if body else None)


async def _takes_mail(mail):
    pass


def test_it_has_a_result_for_every_example():
    assert len(EXAMPLES) == TEXT.count("```yaml")


def test_it_has_every_function_with_its_example():
    rows = re.findall(r"^\| `(\$\w+\(.*?\))` \| .* \| `(.*)` → `(.*)` \|$", TEXT, re.MULTILINE)
    shown = [(signature, example, json.loads(result)) for signature, example, result in rows]
    assert shown == [(each.signature, each.example, each.result) for each in FUNCTIONS.values()]


def test_it_has_a_section_with_an_example_for_each_kind_of_step():
    assert SECTIONS.keys() | {"break", "continue"} == set(KINDS)
    assert all(f"- {kind}:" in section for kind, section in SECTIONS.items())
    assert all(f"{{{kind}: }}" in SECTIONS["for"] for kind in ("break", "continue"))
