"""Names that expressions read in vain are problems; names that may be there are not."""

import pytest
import yaml

from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow

CALL = "- {call: order, api: shop/get}\n"


def problems(steps):
    source = "version: 1\nsteps:\n" + steps
    try:
        compile_flow(source, None)
    except DocumentInvalid as error:
        return [f"{problem.path}: {problem.message}" for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("steps", "path", "message"),
    [
        (
            CALL + "- log: 'an {{ steps.ordr.data }}'\n",
            "steps[1].log",
            "The expression at column 4 reads steps.ordr, and no step before has this name. "
            "Did you mean order?",
        ),
        (
            "- set: {total: 1, b: '{{ totl }}'}\n",
            "steps[0].set.b",
            "column 1 reads totl, and nothing before sets it. Did you mean total?",
        ),
        (
            "- log: '{{ payload.lines[sku = $$.wnted] }}'\n",
            "steps[0].log",
            "reads wnted, and nothing before sets it.",
        ),
        (
            "- log: '{{ a }}'\n- set: {a: 1}\n",
            "steps[0].log",
            "reads a, and that is set only later, at steps[1].",
        ),
        (
            "- {call: order, api: shop/get, with: {n: '{{ steps.order.status }}'}}\n",
            "steps[0].with.n",
            "reads steps.order, and that is set only later, at steps[0].",
        ),
        (
            CALL + "- return: {body: ['{{ order.data }}']}\n",
            "steps[1].return.body[0]",
            "reads order, and nothing before sets it. The step's answer is steps.order.",
        ),
        (
            "- {set: {a: 1}, disabled: true}\n- log: '{{ a }}'\n",
            "steps[1].log",
            "reads a, and the step that sets it, steps[0], is disabled.",
        ),
        (
            "- if: '{{ true }}'\n  then: [{log: x}, {set: {a: 1}}]\n  else: [{log: '{{ a }}'}]\n",
            "steps[0].else[0].log",
            "reads a, and what steps[0].then[1] sets under this name is not seen here.",
        ),
        (
            "- {for: x, in: '{{ payload }}', do: [{log: '{{ x }}'}]}\n- log: '{{ x }}'\n",
            "steps[1].log",
            "reads x, and what steps[0] sets under this name is not seen here.",
        ),
        (
            "- for: x\n  in: '{{ payload }}'\n  parallel: 2\n  do: [{set: {a: 1}}]\n"
            "- log: '{{ a }}'\n",
            "steps[1].log",
            "reads a, and what steps[0].do[0] sets",
        ),
        (
            "- for: x\n  in: '{{ payload }}'\n  parallel: 2\n"
            "  do: [{log: '{{ a }}'}, {set: {a: 1}}]\n",
            "steps[0].do[0].log",
            "reads a, and that is set only later, at steps[0].do[1].",
        ),
        (
            "- {for: x, in: '{{ x }}', do: [{log: x}], collect: '{{ x }}', as: all}\n",
            "steps[0].in",
            "reads x, and that is set only later, at steps[0].",
        ),
        (
            "- {try: [{log: '{{ error }}'}], catch: [{log: x}]}\n",
            "steps[0].try[0].log",
            "reads error, and that is set only later, at steps[0].",
        ),
        (
            "- log: '{{ $fromMilis(payload.at) }}'\n",
            "steps[0].log",
            "The expression at column 1 calls $fromMilis, which is no function. "
            "Did you mean $fromMillis?",
        ),
        (
            "- log: '{{ $upper(payload.a) }}'\n",
            "steps[0].log",
            "calls $upper, which is no function. Did you mean $uppercase?",
        ),
        (
            "- log: '{{ payload.a and not(payload.b) }}'\n",
            "steps[0].log",
            "reads not, and nothing before sets it. The function is $not.",
        ),
        (
            "- log: '{{ headers.x-tenant }}'\n",
            "steps[0].log",
            "reads tenant, and nothing before sets it. A name with signs stands in backticks: "
            "`x-tenant`.",
        ),
        (
            "- set: {total: 1}\n- log: '{{ $total }}'\n",
            "steps[1].log",
            "reads $total, which nothing in it sets. What the flow has under this name is total, "
            "without $.",
        ),
        (
            "- {map: m, from: '{{ payload }}', fields: [{to: a, value: '{{ nmae }}'}]}\n",
            "steps[0].fields[0].value",
            "column 1 reads nmae, and nothing before sets it.",
        ),
    ],
)
def test_it_tells_what_is_read_in_vain(steps, path, message):
    (problem,) = problems(steps)
    assert problem.startswith(f"{path}: ")
    assert message in problem


@pytest.mark.parametrize(
    "steps",
    [
        "- log: '{{ [payload, query, headers, method, steps.*.ms, $lookup(steps, method)] }}'\n",
        "- set: {a: 1, b: '{{ a }}'}\n- set: {a: '{{ undefined }}', c: '{{ nothing }}'}\n"
        "- log: '{{ a }}'\n",
        "- if: '{{ payload }}'\n  then: [{set: {a: 1}}]\n  elif: [{if: 1, then: [{set: {b: 1}}]}]\n"
        "- log: '{{ a & b }}'\n",
        "- for: x\n  in: '{{ payload }}'\n  do: [{log: '{{ a }}'}, {set: {a: '{{ x }}'}}]\n"
        "  collect: '{{ a & x }}'\n  as: all\n- log: '{{ a & all }}'\n",
        "- for: x\n  in: '{{ payload }}'\n  do:\n"
        "    - for: y\n      in: '{{ x }}'\n      parallel: 2\n      do: [{log: '{{ a }}'}]\n"
        "    - set: {a: '{{ x }}'}\n",
        "- for: x\n  in: '{{ payload }}'\n  do:\n"
        "    - if: '{{ steps.c.status }}'\n      then: [{break: }]\n    - {call: c, api: a/b}\n"
        "- log: '{{ steps.c.data }}'\n",
        "- try: [{set: {a: 1}}, {call: c, api: a/b}, {for: x, in: 1, do: [{fail: no}]}]\n"
        "  catch: [{log: '{{ a & steps.c.status & why.message & x }}'}]\n  as: why\n"
        "- log: '{{ a & steps.c.data & why & x }}'\n",
        "- {run: part, flow: other, with: 1}\n- return: {body: '{{ steps.part.data }}'}\n"
        "  then: [{log: '{{ steps.part.status }}'}]\n",
        "- set: {x: 1}\n- {for: x, in: 1, do: [{log: y}]}\n- log: '{{ x }}'\n",
        "- {map: m, from: '{{ payload }}', fields: [{to: a, value: '{{ $item.b & method }}'}]}\n"
        "- log: '{{ m.a }}'\n",
    ],
)
def test_it_takes_what_may_be_there(steps):
    assert problems(steps) == []


def test_it_checks_names_where_nothing_else_is_wrong():
    (problem,) = problems("- cal: {order: 1}\n- log: '{{ steps.order.data }}'\n")
    assert problem.startswith("steps[0].cal: ")


def test_it_lets_a_published_version_run_on():
    source = "version: 1\nsteps: [{return: {body: '{{ gone }}'}}]\n"
    assert compile_flow(source, None, check_names=False).steps


def test_it_gives_the_line_and_every_place():
    flow = {"version": 1, "steps": [{"set": {"a": ["{{ b }}", {"c": "{{ d }} and {{ e }}"}]}}]}
    with pytest.raises(DocumentInvalid) as caught:
        compile_flow(yaml.safe_dump(flow), None)
    found = [(problem.line, problem.path) for problem in caught.value.problems]
    assert found == [
        (4, "steps[0].set.a[0]"),
        (5, "steps[0].set.a[1].c"),
        (5, "steps[0].set.a[1].c"),
    ]


def test_it_tells_which_fields_of_answers_are_read():
    steps = CALL + (
        "- for: x\n  in: '{{ steps.order.data.lines[0].parts }}'\n"
        "  do: [{log: '{{ steps.order.data.id & steps.order.status & steps.order.data }}'}]\n"
    )
    program = compile_flow("version: 1\nsteps:\n" + steps, None)
    assert program.fields_read == {"order": {("lines", "parts"), ("id",)}}
