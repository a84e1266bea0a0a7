"""The JSON Schema of a flow document takes what is right, and refuses what is plainly wrong."""

import re
from pathlib import Path

import jsonschema_rs
import pytest

from dynamic.bundle import layout
from dynamic.flow.document import parse
from dynamic.flow.document_schema import DOCUMENT_SCHEMA, STEPS
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.steps.parsing import KINDS

BASE = Path(__file__).resolve().parents[3]
PAGE = (BASE / "docs" / "flows.md").read_text("utf-8")
SHOWN = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
BUNDLES = [
    parse(path.read_text("utf-8"), layout.BOUNDS).data
    for path in sorted((BASE / "examples").glob("*.yaml"))
]
EXAMPLES = {flow["slug"]: flow["document"] for bundle in BUNDLES for flow in bundle["flows"]}

RIGHT = [
    "{return: }",
    "{return: {status: '{{ 200 + 1 }}', headers: {X-A: 1, X-B: null}}}",
    "{sleep: '{{ payload.seconds }}'}",
    "{log: {level: error, message: a}}",
    "{fail: a}",
    "{if: true, then: [{set: {}}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b, value: , use: [trim, {pad: 3}], default: 1}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b, from: c, fields: [{to: d, from: $}]}]}",
    "{for: a, in: [1, 2], do: [{break: }]}",
    "{call: a, api: shop/get, credential: Kunde Ä, retry: {attempts: 2, wait: 0.5}}",
    "{call: a, api: shop/get, retry: }",
    "{try: [{fail: a}], catch: [{continue: }], as: problem}",
    "{run: a, flow: b, with: '{{ payload }}'}",
    "{notify: a}",
    "{notify: {to: [a@example.org, '{{ payload.to }}'], subject: a, message: b}}",
    "{return: {body: 1}, then: [{log: a}]}",
    "{log: a, disabled: false}",
    "{call: , disabled: true}",
]
WRONG = [
    "{}",
    "text",
    "{jump: 1}",
    "{set: {a: 1}, log: a}",
    "{set: [a]}",
    "{set: {payload: 1}}",
    "{set: {1a: 1}}",
    "{map: a}",
    "{map: a, from: '{{ x }}'}",
    "{map: a, fields: [{to: b, from: c}]}",
    "{map: a, from: x, fields: [{to: b, from: c}]}",
    "{map: a, from: '{{ x }}', fields: []}",
    "{map: a, from: '{{ x }}', fields: [{from: c}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b, from: c, value: 1}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b, from: c, use: [upcase]}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b, from: c, use: [{trim: , upper: }]}]}",
    "{map: a, from: '{{ x }}', fields: [{to: b, from: c, fields: [{to: d}]}]}",
    "{call: a}",
    "{call: a-b, api: shop/get}",
    "{call: and, api: shop/get}",
    "{set: {in: 1}}",
    "{map: a, from: '{{ x }}', fields: [{to: b, from: }]}",
    "{call: a, api: ''}",
    "{call: a, api: shop/get, wiht: {}}",
    "{call: a, api: shop/get, with: text}",
    "{call: a, api: shop/get, on_error: ignore}",
    "{call: a, api: shop/get, credential: '{{ a }}'}",
    "{call: a, api: shop/get, retry: {attempts: 11}}",
    "{call: a, api: shop/get, retry: {wait: 1}}",
    "{run: a}",
    "{notify: }",
    "{notify: {to: a@example.org}}",
    "{notify: {message: a, cc: b@example.org}}",
    "{return: , then: []}",
    "{log: a, disabled: maybe}",
    "{if: true}",
    "{if: , then: [{set: {}}]}",
    "{if: true, then: []}",
    "{if: true, then: [{set: {}}], elif: {if: true}}",
    "{if: true, then: [{set: {}}], elif: [{if: true, then: [{set: {}}], else: [{set: {}}]}]}",
    "{if: true, then: [{jump: 1}]}",
    "{for: a, do: [{set: {}}]}",
    "{for: a, in: [], do: []}",
    "{for: steps, in: [], do: [{set: {}}]}",
    "{for: a, in: [], do: [{set: {}}], collect: 1}",
    "{for: a, in: [], do: [{set: {}}], as: b}",
    "{for: a, in: [], do: [{set: {}}], parallel: 51}",
    "{for: a, in: [], do: [{set: {}}], most: '5'}",
    "{for: a, in: [], do: [{break: 1}]}",
    "{for: a, in: [], do: [{continue: true}]}",
    "{try: [{set: {}}]}",
    "{try: [{set: {}}], catch: [{set: {}}], as: query}",
    "{log: }",
    "{log: {level: loud, message: a}}",
    "{log: {data: 1}}",
    "{sleep: -1}",
    "{sleep: 3601}",
    "{sleep: soon}",
    "{return: text}",
    "{return: {code: 200}}",
    "{return: {status: 199}}",
    "{return: {headers: {X A: b}}}",
    "{return: {headers: {X-A: [b]}}}",
    "{fail: {status: 399, message: a}}",
    "{fail: {status: 422}}",
    "{fail: }",
]
WRONG_WHOLES = [
    "[]",
    "version: 1",
    "steps: [{return: }]",
    "{version: 2, steps: [{return: }]}",
    "{version: true, steps: [{return: }]}",
    "{version: '1', steps: [{return: }]}",
    "{version: 1, steps: []}",
    "{version: 1, steps: {return: }}",
    "{version: 1, steps: [{return: }], name: a}",
    "{version: 1, input: text, steps: [{return: }]}",
]


@pytest.fixture(scope="module")
def validator():
    jsonschema_rs.meta.validate(DOCUMENT_SCHEMA)
    return jsonschema_rs.Draft202012Validator(DOCUMENT_SCHEMA)


def around(step):
    """A document with one step, in a loop, so that break and continue may stand there, too."""
    return f"version: 1\nsteps:\n  - for: x\n    in: [1]\n    do:\n      - {step}\n"


def test_it_tells_of_each_kind_of_step_and_of_its_keys():
    told = {kind: schema["properties"].keys() for kind, schema in STEPS.items()}
    assert told == {name: kind.keys | {"disabled"} for name, kind in KINDS.items()}


@pytest.mark.parametrize("source", [*SHOWN, *EXAMPLES.values(), *map(around, RIGHT)])
def test_it_takes_what_compiles(validator, source):
    compile_flow(source, None)
    validator.validate(parse(source).data)


@pytest.mark.parametrize("source", [*WRONG_WHOLES, *map(around, WRONG)])
def test_it_refuses_what_does_not_compile(validator, source):
    with pytest.raises(DocumentInvalid):
        compile_flow(source, None)
    assert not validator.is_valid(parse(source).data)
