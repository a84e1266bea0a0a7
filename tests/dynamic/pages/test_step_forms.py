"""The forms of steps: what they show comes back as it was."""

import pytest
from django.core.exceptions import ValidationError

from dynamic.flow.document import parse
from dynamic.flow.steps.parsing import KINDS as PARSED
from dynamic.models import Flow
from dynamic.pages.step_forms.kinds import KINDS, kind_of
from dynamic.pages.step_forms.step_form import Around, NotInForm, free_name
from dynamic.pages.step_forms.written_values import read, show

STEPS = """\
- {call: order, api: shop/echo}
- call: order
  api: shop/gone
  with: {a: "{{ payload.a }}", b: 5, c: "5", d: null, e: "", f: " x ", g: {h: [1, "{{ i }}"]}}
  credential: other
  on_error: continue
  retry: {attempts: 3, wait: 2, statuses: "429", every_method: false}
- {call: order, api: shop/echo, with: "{{ payload }}", on_error: fail, retry: {attempts: 1}}
- {call: order, api: shop/echo, with: {}, retry: {}, disabled: true}
- {run: other, flow: inner, with: {a: "one::two", "b::c": "a\\nb"}}
- {run: other, flow: gone, with: [1, 2]}
- {set: {a: 1, b: "{{ a }}", c: "true", d: "[not", e: '"', f: 1.0, g: "007", h: "{{ {} }}"}}
- {if: "{{ a }}", then: [{log: x}]}
- {if: true, then: [], elif: [{if: 0, then: [{log: x}]}, {if: "{{ b }}", then: []}], else: []}
- {if: "{{ a }}", then: [{log: x}], elif: []}
- {for: x, in: "{{ payload }}", do: [{continue: null}]}
- {for: x, in: [1, 2], do: [{log: x}], collect: null, as: y, parallel: 1, most: 5000}
- {try: [{log: x}], catch: [{log: y}]}
- {try: [{log: x}], catch: [{log: y}], as: error}
- {log: "{{ a }}\\n\\ntext "}
- {log: {message: x}}
- {log: {message: "5", level: error, data: {a: 1}}}
- {log: {message: x, level: detail, data: null}}
- {notify: text}
- {notify: {to: a@example.com, message: x}}
- {notify: {to: [a@example.com], subject: "", message: x}}
- {notify: {to: ["{{ b }}", c@example.com], subject: "{{ s }}", message: x}}
- {notify: {to: [], message: x}}
- {sleep: 1.5}
- {sleep: "{{ a }}"}
- {return: null}
- {return: {}}
- {return: {status: 200, headers: {}, body: null}, then: [{log: x}]}
- {return: {status: "{{ s }}", headers: {X-A: "5", X-B: 5}, body: "text\\nof lines"}}
- {return: {body: {a: "{{ b }}"}}}
- {fail: text}
- {fail: {message: text}}
- {fail: {status: 422, message: text, data: "7"}}
"""


@pytest.fixture
def around(workshop):
    workshop.call(
        workshop.system("shop"),
        "echo",
        "/echo/{{ id }}",
        query=[{"key": "a", "value": "{{ a.b }}-{{ $sum(n) }}"}],
    )
    flow = Flow.objects.create(owner=workshop.owner, slug="f", name="F", draft="")
    return Around(flow, frozenset({"order"}))


def form_of(step, around, data=None):
    return kind_of(step).form(step, around, data)


def sent(form):
    """What a browser sends of a form that it shows."""
    data = {}
    for field in form:
        value = field.value()
        if value is True:
            data[field.html_name] = "on"
        elif value not in (None, False):
            data[field.html_name] = str(value).replace("\n", "\r\n")
    return data


def test_it_gives_each_step_back_as_it_was(around):
    for step in parse(STEPS).data:
        form = form_of(step, around, sent(form_of(step, around)))
        assert form.is_valid(), (step, form.errors)
        made = form.step()
        assert made == step
        assert repr(made) == repr(step)  # 1, 1.0 and true are one to Python


def test_it_begins_each_kind_and_makes_steps_of_it(around):
    assert KINDS.keys() == PARSED.keys()
    for kind in KINDS.values():
        assert kind_of(kind.begun()) is kind
        if kind.form:
            assert kind.form(kind.begun(), around).as_div()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ('"5"', "5"),
        (" true ", True),
        ("null", None),
        ("{{ a }}", "{{ a }}"),
        ('{"a": ["{{ b }}"]}', {"a": ["{{ b }}"]}),
        ("five", "five"),
        ('"five', '"five'),
        ("007", "007"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_it_reads_values_by_one_rule(text, value):
    assert read(text) == value
    assert type(read(text)) is type(value)
    assert read(show(value)) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,}', "no JSON from line 1, column"),
        ("[1", "no JSON"),
        ("9007199254740993", "is not exact"),
        ('{"a": [9007199254740993]}', "is not exact"),
        ('["\\u0000"]', "cannot be kept"),
    ],
)
def test_it_tells_what_cannot_be_a_value(text, said):
    with pytest.raises(ValidationError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("step", "data", "field", "said"),
    [
        ({"set": {}}, {}, "variables", "one variable at least"),
        ({"set": {}}, {"variables": "a::"}, "variables", 'Row 1 has no value: write ""'),
        ({"set": {}}, {"variables": "a::[1"}, "variables", "Row 1: It is no JSON"),
        ({"set": {}}, {"variables": "a::1\na::2"}, "variables", "is there already"),
        ({"set": {}}, {"variables": "a"}, "variables", "write key::value"),
        ({"run": "", "flow": ""}, {"run": "1x"}, "run", "no digit first"),
        ({"run": "", "flow": ""}, {"arguments": "a::1", "whole": "2"}, "whole", "in their place"),
        ({"call": "", "api": ""}, {"whole": "5"}, "whole", "that gives an object"),
        ({"call": "", "api": ""}, {"wait": "5"}, "attempts", "how many attempts"),
        ({"call": "", "api": ""}, {"statuses": "abc"}, "statuses", ""),
        (
            {"for": "x", "in": None},
            {"source": "1", "variable": "x", "collect": "1"},
            "target",
            "both",
        ),
        ({"sleep": None}, {}, "seconds", "how long"),
        ({"if": None, "then": []}, {}, "condition", "Write the condition"),
    ],
)
def test_it_tells_what_is_unusable_at_its_field(around, step, data, field, said):
    form = form_of(step, around, data)
    assert not form.is_valid()
    assert said in " ".join(form.errors[field])


@pytest.mark.parametrize(
    "step",
    [
        {"set": 5},
        {"call": "x", "api": 5},
        {"call": "x", "api": "a/b", "retry": 5},
        {"call": "x", "api": "a/b", "retry": {"more": 1}},
        {"call": "x", "api": "a/b", "on_error": "no"},
        {"if": 1, "then": [], "elif": {}},
        {"for": "x", "in": 1, "do": [], "most": "{{ a }}"},
        {"log": 5},
        {"log": {"message": 5}},
        {"log": {"message": "x", "more": 1}},
        {"return": 5},
        {"return": {"more": 1}},
        {"notify": {"message": "x", "to": 5}},
    ],
)
def test_it_shows_nothing_that_it_could_not_keep(around, step):
    with pytest.raises(NotInForm):
        form_of(step, around)


def test_it_adds_and_removes_branches(around):
    step = {"if": "{{ a }}", "then": [], "elif": [{"if": 1, "then": [{"log": "x"}]}], "else": []}
    data = {"condition": "{{ c }}", "elif_0": "", "remove_0": "on", "another": "{{ b }}"}
    form = form_of(step, around, data)
    assert form.is_valid()
    assert form.step() == {
        "if": "{{ c }}",
        "then": [],
        "elif": [{"if": "{{ b }}", "then": []}],
        "else": [],
    }
    del step["elif"]
    form = form_of(step, around, {"condition": "1", "another": "2"})
    assert form.is_valid()
    assert list(form.step()) == ["if", "then", "elif", "else"]


def test_it_offers_the_arguments_that_the_api_call_uses(around):
    form = form_of({"call": "", "api": ""}, around, {"api": "shop/echo", "arguments": "a::1"})
    form.refill()
    assert form["arguments"].value() == "a::1\nid::\nn::"
    assert form["call"].value() == "echo"
    assert not form.is_bound


def test_it_names_answers_as_expressions_can_say_them():
    assert free_name("get-order", frozenset()) == "get_order"
    assert free_name("get-order", frozenset({"get_order", "get_order_2"})) == "get_order_3"
    assert free_name("2fa", frozenset()) == "_2fa"
    assert free_name("注", frozenset()) == "answer"
