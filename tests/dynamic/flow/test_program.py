import json

import pytest

from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow

APIS = {"shop/get-order", "shop/list-orders", "warehouse/stock"}

GOOD = """\
version: 1
input: {type: object, required: [order_id]}
steps:
  - call: order
    api: shop/get-order
    with: {id: "{{ payload.order_id }}"}
  - call: stock
    api: warehouse/stock
    on_error: continue
  - set:
      total: "{{ $sum(steps.order.data.lines.price) }}"
  - return:
      status: "{{ total > 100 ? 201 : 200 }}"
      headers: {X-Total: "{{ total }}"}
      body: {total: "{{ total }}"}
"""


def steps(*lines):
    return "version: 1\nsteps:\n" + "".join(f"  - {line}\n" for line in lines)


def problems(source, apis=APIS):
    with pytest.raises(DocumentInvalid) as caught:
        compile_flow(source, apis)
    return caught.value.problems


def test_it_compiles_a_good_flow():
    program = compile_flow(GOOD, APIS)
    assert program.uses == {("shop/get-order", ""), ("warehouse/stock", "")}
    assert [step.kind for step in program.steps] == ["call", "call", "set", "return"]
    assert program.schema is not None


def test_it_compiles_the_same_flow_as_json():
    flow = {"version": 1, "steps": [{"set": {"a": 1}}, {"return": {"body": "{{ a }}"}}]}
    assert len(compile_flow(json.dumps(flow), None).steps) == 2


def test_it_tells_every_problem_at_once_with_line_and_path():
    source = """\
version: 2
inputs: {}
input: {type: objct}
steps:
  - call: order
    api: shop/get-ordr
    with: {id: "{{ payload. }}", n: ["{{ ( }}"]}
    retry: 3
  - return: {status: 99, headers: {Host: x}, bdy: 1}
  - fail: {data: "{{ + }}"}
"""
    found = [(problem.line, problem.path) for problem in problems(source)]
    assert found == [
        (1, "version"),
        (2, "inputs"),
        (3, "input.type"),
        (6, "steps[0].api"),
        (7, "steps[0].with.id"),
        (7, "steps[0].with.n[0]"),
        (8, "steps[0].retry"),
        (9, "steps[1].return.status"),
        (9, "steps[1].return.headers.Host"),
        (9, "steps[1].return.bdy"),
        (10, "steps[2]"),
        (10, "steps[2].fail"),
        (10, "steps[2].fail.data"),
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("[]", "A flow must be a mapping"),
        ("steps: [{set: {a: 1}}]", "begins with version: 1"),
        ("version: true\nsteps: [{set: {a: 1}}]", "begins with version: 1"),
        ("version: 1", "at least one step"),
        ("version: 1\nsteps: []", "at least one step"),
        ("version: 1\nsteps: {}", "at least one step"),
        ("version: 1\nstep: []\nsteps: [{set: {a: 1}}]", "Did you mean steps?"),
        (steps("hello"), "A step must be a mapping"),
        (steps("{}"), "A step needs a kind"),
        (steps("cal: x"), "Did you mean call?"),
        (
            steps("while: x"),
            "Known here: break, call, continue, fail, for, if, log,",
        ),
        (steps("{set: {a: 1}, return: {}}"), "set and return"),
        (steps("{set: {a: 1}, sets: 1}"), "Did you mean set?"),
        (steps("{call: a, api: shop/get-ordr}"), "Did you mean shop/get-order?"),
        (steps("{call: a, api: x/y}"), "There is no API call x/y."),
        (steps("{call: a}"), "needs api"),
        (steps("{call: a, api: 5}"), "needs api"),
        (steps("{call: 'a b', api: warehouse/stock}"), "needs a name"),
        (steps("{call: , api: warehouse/stock}"), "needs a name"),
        (steps("{call: and, api: warehouse/stock}"), "a word of JSONata"),
        (steps("{call: a, api: warehouse/stock, with: []}"), "arguments must be a mapping"),
        (steps("{call: a, api: warehouse/stock, with: payload}"), "must be a mapping"),
        (steps("{call: a, api: warehouse/stock, on_error: ignore}"), "fail or continue"),
        (
            steps("{call: a, api: warehouse/stock}", "{call: a, api: warehouse/stock}"),
            "Another call has the name a",
        ),
        (steps("set: {payload: 1}"), "taken by the run itself"),
        (steps("set: {steps: 1}"), "taken by the run itself"),
        (steps("set: {a-b: 1}"), "A variable needs a name"),
        (steps("set: {1a: 1}"), "A variable needs a name"),
        (steps("set: text"), "must be a mapping"),
        (steps("return: 5"), "must be a mapping"),
        (steps("return: {status: 199}"), "from 200 to 599"),
        (steps("return: {status: '200'}"), "from 200 to 599"),
        (steps("return: {status: true}"), "from 200 to 599"),
        (steps("return: {status: 200.0}"), "from 200 to 599"),
        (steps("return: {headers: {'a b': x}}"), "not a header name"),
        (steps('return: {headers: {A: "x\\r\\nB: 1"}}'), "line break"),
        (steps("return: {headers: {A: €}}"), "Latin-1"),
        (steps("return: {headers: {A: [1]}}"), "is text"),
        (steps("return: {headers: {X-A: 1, x-a: 2}}"), "here twice"),
        (steps("return: {headers: []}"), "must be a mapping"),
        (steps("fail: {}"), "needs a message"),
        (steps("fail: {message: 5}"), "must be text"),
        (steps("fail: {message: x, status: 200}"), "from 400 to 599"),
        (steps("fail: "), "must be a mapping"),
        (steps("return: {}", "set: {a: 1}"), "unreachable"),
        (steps("fail: x", "set: {a: 1}"), "unreachable"),
        (steps(*["set: {a: 1}"] * 501), "at most 500 steps"),
        ("version: 1\ninput: 5\nsteps: [{set: {a: 1}}]", "A JSON Schema is a mapping"),
        (
            "version: 1\ninput: {$ref: 'http://127.0.0.1:1/x'}\nsteps: [{set: {a: 1}}]",
            "nothing is fetched",
        ),
    ],
)
def test_it_refuses_what_cannot_run(source, words):
    assert any(words in problem.message for problem in problems(source)), problems(source)


@pytest.mark.parametrize(
    "name",
    ["Host", "Connection", "Transfer-Encoding", "content-length", "Set-Cookie", "Run-Id",
     "run-status", "Request-Id", "Content-Security-Policy", "Strict-Transport-Security",
     "Access-Control-Allow-Origin"],
)  # fmt: skip
def test_it_leaves_the_listeners_headers_to_the_listener(name):
    (problem,) = problems(steps(f"return: {{headers: {{{name}: x}}}}"))
    assert problem.path == f"steps[0].return.headers.{name}"
    assert "not for a flow to set" in problem.message


@pytest.mark.parametrize(
    "step",
    ["return:", "return: {}", "return: {status: 599}", "fail: text", "fail: '{{ payload.why }}'",
     "fail: {message: x, status: '{{ 409 }}', data: {a: 1}}", "set: {}"],
)  # fmt: skip
def test_it_takes_short_forms(step):
    assert compile_flow(steps(step), APIS).steps


def test_it_does_not_check_api_names_without_a_list():
    program = compile_flow(steps("{call: a, api: any/thing}"), None)
    assert program.uses == {("any/thing", "")}


def test_it_takes_500_steps():
    assert len(compile_flow(steps(*["set: {a: 1}"] * 500), None).steps) == 500


def test_it_reports_a_document_that_is_not_yaml():
    assert problems("version: [1")[0].message.startswith("This is not valid YAML")
