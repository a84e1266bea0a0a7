import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamic.flow.document import Document, parse
from dynamic.flow.editing.outline import outline
from dynamic.flow.editing.structure import KEYS
from dynamic.flow.steps.parsing import KINDS
from tests.dynamic.flow.editing.documents import VALUES


def the_node(step):
    (node,) = outline(parse(json.dumps({"steps": [step]}, ensure_ascii=False)))
    return node


@pytest.mark.parametrize(
    ("step", "kind", "title", "summary"),
    [
        ({"call": "order", "api": "shop/get-order"}, "call", "order", "Call shop/get-order"),
        ({"run": "total", "flow": "sum"}, "run", "total", "Run sum"),
        ({"set": {"a": 1, "b": 2}}, "set", "", "Set a, b"),
        ({"map": "m", "from": "{{ a }}", "fields": [{}]}, "map", "m", "Map 1 field from {{ a }}"),
        ({"if": "{{ a\n }}", "then": []}, "if", "", "If {{ a }}"),
        ({"for": "line", "in": "{{ a }}"}, "for", "", "For each line in {{ a }}"),
        ({"for": "x", "in": 1, "parallel": 8}, "for", "", "For each x in 1, 8 at a time"),
        ({"try": [], "catch": []}, "try", "", "Try, and catch what fails as error"),
        ({"log": "hi"}, "log", "", "Log hi"),
        ({"log": {"level": "error", "message": "odd"}}, "log", "", "Log an error: odd"),
        ({"notify": "hi"}, "notify", "", "Mail the owner: hi"),
        (
            {"notify": {"to": ["a@b.c", "d@e.f"], "subject": "s"}},
            "notify",
            "",
            "Mail a@b.c, d@e.f: s",
        ),
        ({"sleep": 1.5}, "sleep", "", "Wait 1.5 seconds"),
        ({"return": None}, "return", "", "Return 200"),
        ({"return": {"status": "{{ s }}"}}, "return", "", "Return {{ s }}"),
        ({"fail": "no"}, "fail", "", "Fail with 422: no"),
        ({"fail": {"status": 400, "message": "no"}}, "fail", "", "Fail with 400: no"),
        ({"break": None}, "break", "", "Leave the loop"),
        ({"continue": None}, "continue", "", "Go on with the next item"),
        ({"log": "a", "set": {}}, "?", "", "Not a step of one kind: log, set"),
        ({"lag": 1}, "?", "", "Not a step of one kind: lag"),
        (None, "?", "", "Not a step: nothing"),
        ("log", "?", "", "Not a step: log"),
    ],
)
def test_it_says_what_a_step_does(step, kind, title, summary):
    node = the_node(step)
    assert (node.kind, node.title, node.summary) == (kind, title, summary)


def test_it_shortens_what_is_long():
    assert the_node({"log": "x" * 500}).summary == f"Log {'x' * 79}…"


def test_it_shows_what_is_disabled():
    assert the_node({"log": "a", "disabled": True}).disabled
    assert not the_node({"log": "a", "disabled": "yes"}).disabled


def test_it_shows_every_branch_there_may_be():
    step = {"if": "a", "then": [{"log": "b"}], "elif": [{"if": "{{ c }}", "then": []}, 7]}
    branches = [(b.title, b.steps[2:], b.exists, b.may_be_absent) for b in the_node(step).branches]
    assert branches == [
        ("Then", ("then",), True, False),
        ("Else if {{ c }}", ("elif", 0, "then"), True, True),
        ("Else", ("else",), False, True),
    ]
    (after,) = the_node({"return": {}}).branches
    assert (after.title, after.exists, after.may_be_absent) == ("After the answer", False, True)
    assert [b.title for b in the_node({"try": [], "catch": []}).branches] == ["Try", "Catch"]
    assert the_node({"for": "a", "do": [{"log": "b"}]}).branches[0].nodes[0].place == (
        "steps",
        0,
        "do",
        0,
    )


def test_it_knows_the_keys_of_every_kind():
    for kind, parsed in KINDS.items():
        assert {kind, *KEYS[kind]} == parsed.keys


@pytest.mark.parametrize("data", [7, [], {}, {"steps": None}, {"steps": {"a": 1}}])
def test_it_shows_no_steps_where_there_are_none(data):
    assert outline(Document(data, {})) == []


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "then", "elif", "in", "as", "fields"]), VALUES, max_size=2
    )
)
def test_it_takes_any_values(step):
    node = the_node(step)
    assert "\n" not in node.summary + node.title
