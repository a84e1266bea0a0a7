"""`map` in a flow: what it makes of an object or a list, and what it refuses."""

import asyncio
import json

import pytest

from dynamic.flow.mapping.compiling import as_set, to_jsonata
from dynamic.flow.mapping.paths import read_source, read_target
from dynamic.flow.mapping.table import Reader
from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Input, run
from dynamic.flow.state import Hooks

ORDER = {
    "order no": " 42 ",
    "shipping": {"address": {"city": "Berlin"}},
    "items": [{"sku": "A", "price": "1.5"}, {"sku": "B", "price": ""}],
    "none": None,
}
FIELDS = [
    {"to": "number", "from": '"order no"', "use": ["trim", {"pad": 4}]},
    {"to": "customer.city", "from": "shipping.address.city", "use": ["upper"]},
    {"to": "customer.name", "from": "shipping.name"},
    {"to": "gone.a.b", "from": "nope"},
    {"to": "empty", "from": "none"},
    {"to": "filled", "from": "none", "default": {"a": []}},
    {"to": "lines", "from": "items", "fields": [{"to": "no", "from": "sku"}]},
]
MADE = {
    "number": "0042",
    "customer": {"city": "BERLIN"},
    "empty": None,
    "filled": {"a": []},
    "lines": [{"no": "A"}, {"no": "B"}],
}


def step(fields, source="{{ payload }}"):
    return {"map": "made", "from": source, "fields": fields}


def source_of(*steps):
    document = {"version": 1, "steps": [*steps, {"return": {"body": {"made": "{{ made }}"}}}]}
    return json.dumps(document)


async def played(source, payload, query=None):
    deadline = asyncio.get_running_loop().time() + 5
    return await run(
        compile_flow(source, None), {}, Input(payload, query or {}), None, deadline, hooks=Hooks()
    )


async def made(fields, payload, **more):
    outcome = await played(source_of({"set": {"made": 1}}, step(fields, **more)), payload)
    assert outcome.status is Status.SUCCESS, outcome
    return outcome.body.get("made", "nothing")


def problems(*steps):
    with pytest.raises(DocumentInvalid) as caught:
        compile_flow(source_of(*steps), None)
    return [f"{each.path}: {each.message}" for each in caught.value.problems]


async def test_it_makes_an_object():
    assert await made(FIELDS, ORDER) == MADE


async def test_it_makes_a_list_of_a_list_even_of_one_item():
    assert await made(FIELDS, [ORDER]) == [MADE]
    assert await made(FIELDS, []) == []
    assert await made(FIELDS, [ORDER] * 250 + [None]) == [MADE] * 250 + [None]  # in parts


async def test_it_makes_nothing_of_nothing_and_null_of_null():
    assert await made(FIELDS, {}, source="{{ payload.a }}") == "nothing"
    assert await made(FIELDS, {"a": None}, source="{{ payload.a }}") is None


async def test_it_maps_lists_of_one_item_and_null_in_tables_inside_others():
    fields = [
        {"to": "a", "from": "list", "fields": [{"to": "b", "from": "$", "use": ["upper"]}]},
        {"to": "c", "from": "one", "fields": [{"to": "d", "from": "d"}], "default": "none"},
    ]
    assert await made(fields, {"list": ["x"], "one": {}}) == {"a": [{"b": "X"}], "c": {}}
    assert await made(fields, {"list": [None]}) == {"a": [None], "c": "none"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("items[0].sku", "A"),
        ("items[-1].sku", "B"),
        ("items.sku", ["A", "B"]),
        ("items[0][].sku", ["A"]),
        (" shipping . `address` . city ", "Berlin"),
        ('"order no"', " 42 "),
        ("$", ORDER),
        ("items.sku[5]", "nothing"),
        ("shipping.city", "nothing"),
    ],
)
async def test_it_finds_by_path(path, value):
    found = await made([{"to": "x", "from": path}], ORDER)
    assert found.get("x", "nothing") == value


@pytest.mark.parametrize(
    "path", ["", " ", "a..b", "a.", "a b", "a[x]", "$a", "a + 1", '"a', "`", "a]"]
)
def test_it_refuses_other_paths(path):
    for read in (read_source, read_target):
        with pytest.raises(ValueError, match="cannot be read"):
            read(path)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("shop", "shop"),
        ("{{ payload.price * 2 }}", 3),
        ("{{ $item.price & shop }}", "1.5S"),
        (
            "{{ shop }}: {{ nothing }}{{ payload.no }}{{ payload.price }} {{ payload.list }}",
            "S: 1.5 [1]",
        ),
        ({"a": "{{ shop }}", "b": ["x{{ shop }}"], "c": "{{ nothing }}"}, {"a": "S", "b": ["xS"]}),
        ("{{ payload.list }}", [1]),
        ('{{ "{{" }}', "{{"),
        ("{{ ($x := 5; $x) }}", 5),
        (None, None),
    ],
)
async def test_it_has_fields_of_its_own(value, expected):
    payload = {"price": 1.5, "no": None, "list": [1]}
    start = {"set": {"shop": "S"}}
    outcome = await played(source_of(start, step([{"to": "x", "value": value}])), payload)
    assert outcome.body == {"made": {"x": expected}}


async def test_it_changes_the_values_of_its_own_fields_too():
    fields = [{"to": "x", "value": "{{ $item.n }}", "use": ["text", {"pad": 3}], "default": "-"}]
    assert await made(fields, [{"n": 7}, {}]) == [{"x": "007"}, {"x": "-"}]


async def test_it_tells_which_field_failed():
    fields = [{"to": "a", "from": "sku"}, {"to": "b.c", "from": "sku", "use": ["round"]}]
    outcome = await played(source_of(step(fields)), {"sku": "many"})
    assert outcome.status is Status.FLOW_ERROR
    assert "The field b.c fails: " in outcome.trace[0]["error"]
    assert "many" in outcome.trace[0]["error"]


async def test_it_refuses_a_list_that_is_too_long():
    outcome = await played(source_of(step([{"to": "a", "value": 1}])), [1] * 10_001)
    assert "The list has 10,001 items, and map takes 10,000." in outcome.trace[0]["error"]


@pytest.mark.parametrize("payload", [ORDER, [ORDER], [], None])
async def test_it_becomes_a_set_step_that_does_the_same(payload):
    step_of_set = as_set({**step(FIELDS), "disabled": False})
    assert step_of_set.keys() == {"set", "disabled"}
    both = [await played(source_of(each), payload) for each in (step(FIELDS), step_of_set)]
    assert both[0].body == both[1].body


def test_it_is_laid_out_in_lines():
    rows = Reader(lambda path, message: None).rows(FIELDS[1:2] + FIELDS[-1:], ())
    lines = to_jsonata("payload", rows).splitlines()
    assert [line.split(" :=")[0] for line in lines[:4]] == ["(", "  $over", "  $filled", lines[3]]
    assert lines[3:] == [
        "  $over(payload, function($item) {",
        "    {",
        '      "customer": $filled({',
        '        "city": $over($item.shipping.address.city, '
        "function($v) { $uppercase($string($v)) })",
        "      }),",
        '      "lines": $over($item.items, function($item) {',
        "        {",
        '          "no": $item.sku',
        "        }",
        "      })",
        "    }",
        "  })",
        ")",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], "fields: fields is a list with at least one field."),
        ("a", "fields: fields is a list with at least one field."),
        (["a"], "fields[0]: A field is a mapping: to, and from or value."),
        ([{"from": "a"}], "fields[0]: A field needs to: the name that it gets."),
        ([{"to": 5, "from": "a"}], "fields[0].to: to is a text: the path of a field."),
        ([{"to": "a"}], "fields[0]: A field has either from, a path, or value."),
        ([{"to": "a", "from": "b", "value": 1}], "fields[0]: A field has either from"),
        ([{"to": "a[0]", "from": "b"}], "fields[0].to: The target a[0] takes an item of a list"),
        ([{"to": "a", "from": "b c"}], "fields[0].from: The path b c cannot be read."),
        ([{"to": "a", "from": "b", "us": []}], "fields[0].us: The key us is not known here. Did"),
        ([{"to": "a", "from": "{{ b }}"}], "fields[0].from: from is a path without {{ }}: an exp"),
        ([{"to": "a", "from": "b", "use": "trim"}], "fields[0].use: use is a list of at most 20"),
        ([{"to": "a", "from": "b", "use": [{"pad": -1}]}], "fields[0].use[0]: pad: width is a"),
        ([{"to": "a", "value": "{{ a) + (b }}"}], "fields[0].value: The expression at column 1"),
        ([{"to": "a", "value": ["{{ b }}"]}], "fields[0].value: Write a list with expressions as"),
        ([{"to": "a.b", "value": 1}, {"to": "a.b", "value": 2}], "fields[1].to: The target a.b is"),
        ([{"to": "a", "value": 1}, {"to": "a.b", "value": 2}], "fields[1].to: The target a.b is i"),
        ([{"to": "a.b", "value": 1}, {"to": "a", "value": 2}], "fields[1].to: Another target is"),
        ([{"to": "a", "from": "b", "fields": []}], "fields[0].fields: fields is a list with at le"),
        ([{"to": f"a{n}", "value": 1} for n in range(501)], "fields: A mapping has at most 500"),
        ([{"to": f"a{n}", "from": "b" * 100} for n in range(99)], "fields: The table is too large"),
    ],
)
def test_it_refuses_a_table_that_cannot_be(fields, expected):
    (problem,) = problems(step(fields))
    assert problem.startswith(f"steps[0].{expected}")


@pytest.mark.parametrize("source", ["payload", "{{ a }} {{ b }}", "a {{ b }}", "", 5, None, []])
def test_it_maps_what_one_expression_gives(source):
    assert problems(step([{"to": "a", "value": 1}], source)) == [
        "steps[0].from: from is one {{ expression }}, which gives an object or a list of them."
    ]


def test_it_names_what_is_missing():
    assert problems({"map": "a"}) == ["steps[0]: map needs from, what it maps, and fields."]
    assert "A mapping needs a name" in problems({**step(FIELDS), "map": "1a"})[0]
    assert "steps[0].from: The expression at column 1 does not parse" in " ".join(
        problems(step(FIELDS, "{{ a b }}"))
    )


def test_it_tells_what_its_values_read_in_vain():
    inner = {"to": "b", "from": "list", "fields": [{"to": "c", "value": "{{ $item.x & gone }}"}]}
    fields = [{"to": "a", "value": "{{ $item.x & $nope }}"}, inner]
    found = problems(step(fields))
    assert [each.partition(": ")[0] for each in found] == [
        "steps[0].fields[0].value",
        "steps[0].fields[1].fields[0].value",
    ]
    assert "reads $nope, which nothing in it sets" in found[0]
    assert "reads gone, and nothing before sets it" in found[1]


@pytest.mark.parametrize(
    ("value", "waits"),
    [
        ("{{ $item.a }}", False),
        ("{{ $reduce([1, 2], function($a, $b) { $a }) }}", True),
        ("{{ payload }}", True),  # of every item
    ],
)
def test_it_is_evaluated_apart_only_where_its_author_could_do_harm(value, waits):
    fields = [{"to": "x", "from": "a", "use": ["trim"], "default": 1}, {"to": "y", "value": value}]
    program = compile_flow(source_of(step(fields)), None)
    assert program.steps[0].table.waits is waits
