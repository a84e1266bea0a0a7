"""The form of a mapping, as Alice fills it in: the table, its preview, the same as JSONata."""

import json

import pytest

from dynamic.flow.document import parse
from tests.dynamic.pages.test_flow_editor import echo, flow
from tests.dynamic.pages.test_flow_editor_step import at, new, save, steps_of
from tests.page_text import text_of

__all__ = ["echo", "flow"]

FIELDS = [
    {"to": "number", "from": "order_no", "use": ["trim", {"pad": 6}], "default": "none"},
    {"to": "shop", "value": "{{ payload.shop }}"},
]
DRAFT = """version: 1
input:
  properties:
    shop: {type: string, example: S1}
    order: {type: object, properties: {order_no: {example: " 42 "}}}
steps:
  # makes an order
  - map: order
    from: "{{ payload.order }}"
    fields:
      - {to: number, from: order_no, use: [trim, {pad: 6}], default: none}  # as the shop writes it
      - {to: shop, value: "{{ payload.shop }}"}
  - return: {body: "{{ order }}"}
"""


@pytest.fixture
def draft(flow):
    flow.draft = DRAFT
    flow.save()
    return flow


@pytest.fixture
def address(draft):
    return at(draft, "steps", 0)


def fill(client, address, **data):
    form = client.get(address).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    return save(client, address, **shown | data)


def preview(client, address, **data):
    page = client.get(address)
    form = page.context["form"]
    shown = {name: form[name].value() or "" for name in form.fields} | data
    return client.post(address.replace("edit/step/", "preview/"), shown | {"step_kind": "map"})


def test_it_shows_the_table_a_field_a_line_and_a_sample(signed_in, address):
    form = signed_in.get(address).context["form"]
    lines = form["table"].value().splitlines()
    assert [json.loads(line.removeprefix("- ")) for line in lines] == FIELDS
    assert json.loads(form["sample"].value()) == {"order_no": " 42 "}
    assert form["source"].value() == "{{ payload.order }}"


def test_it_changes_nothing_where_nothing_is_changed(signed_in, draft, address):
    assert fill(signed_in, address).status_code == 302
    draft.refresh_from_db()
    assert draft.draft == DRAFT


def test_it_takes_the_fields_as_the_source_has_them(signed_in, draft, address):
    response = fill(
        signed_in, address, table="- {to: a.b, from: x, use: [{left: 2}]}\r\n- {to: c, value: 1}"
    )
    assert response.status_code == 302
    assert steps_of(draft)[0]["fields"] == [
        {"to": "a.b", "from": "x", "use": [{"left": 2}]},
        {"to": "c", "value": 1},
    ]
    assert "# makes an order" in draft.draft


def test_it_adds_a_mapping(signed_in, draft):
    address = new(draft, "map", 1)
    assert signed_in.get(address).status_code == 200
    response = fill(
        signed_in, address, variable="again", source="{{ order }}", table="- {to: no, from: number}"
    )
    assert response.status_code == 302
    added = {"map": "again", "from": "{{ order }}", "fields": [{"to": "no", "from": "number"}]}
    assert steps_of(draft)[1] == added


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"table": ""}, "Write one field at least."),
        ({"table": "- {to: a"}, "This is not valid YAML"),
        ({"table": "to: a"}, "fields is a list with at least one field."),
        ({"table": "- {to: a, from: b}\n- {to: a, from: c}"}, "Row 2: The target a is here twice."),
        ({"table": "- {to: a, from: b, use: [upcase]}"}, "Row 1: upcase is no modifier."),
        (
            {"table": "- {to: a, from: b, fields: [{to: c, from: d}, {to: e}]}"},
            "Row 2 in row 1: A field has either from, a path, or value.",
        ),
        ({"source": "payload"}, "from is one {{ expression }}"),
        ({"variable": ""}, "This field is required."),
        ({"sample": "{"}, "It is no JSON"),
    ],
)
def test_it_tells_what_is_wrong(signed_in, draft, address, data, sentence):
    response = fill(signed_in, address, **data)
    assert response.status_code == 200
    assert sentence in text_of(response)
    draft.refresh_from_db()
    assert draft.draft == DRAFT


def test_it_leaves_what_is_no_table_to_the_source(signed_in, draft, address):
    draft.draft = DRAFT.partition("    fields:")[0] + "    fields: many\n"
    draft.save()
    assert "fields is no list of mappings." in text_of(signed_in.get(address))


class TestPreview:
    def test_it_shows_what_the_table_makes_of_the_sample(self, signed_in, draft, address):
        response = fill(signed_in, address, preview="on", sample='[{"order_no": " 7 "}, {}]')
        form = response.context["form"]
        assert json.loads(form.made) == [
            {"number": "000007", "shop": "S1"},
            {"number": "none", "shop": "S1"},
        ]
        assert form.made in text_of(response)
        draft.refresh_from_db()
        assert draft.draft == DRAFT

    def test_it_finds_a_sample_where_there_is_none(self, signed_in, address):
        answer = preview(
            signed_in, address, sample="", source="{{ payload.order.order_no }}"
        ).json()
        assert answer["sample"] == '" 42 "'
        answer = preview(signed_in, address, sample="").json()
        assert json.loads(answer["sample"]) == {"order_no": " 42 "}
        assert json.loads(answer["made"]) == {"number": "000042", "shop": "S1"}

    def test_it_answers_scripts(self, signed_in, address):
        answer = preview(signed_in, address, table="- {to: n, from: order_no}", variable="").json()
        assert (json.loads(answer["made"]), answer["faults"]) == ({"n": " 42 "}, [])

    @pytest.mark.parametrize(
        ("data", "fault"),
        [
            ({"table": "- {to: n, from: a b}"}, "Row 1: The path a b cannot be read."),
            (
                {"table": "- {to: n, from: order_no, use: [{split: ' '}, round]}"},
                "The field n fails",
            ),
            ({"sample": "[1"}, "It is no JSON"),
            ({"sample": "", "source": "{{ nope }}"}, "Write a sample input"),
            ({"sample": '"' + "x" * 100_000 + '"'}, "at most 100000 characters"),
        ],
    )
    def test_it_says_why_there_is_nothing(self, signed_in, address, data, fault):
        answer = preview(signed_in, address, **data).json()
        assert answer["made"] is None
        assert fault in answer["faults"][0]

    def test_it_is_the_owners_alone(self, client, bob, signed_in, address):
        url = address.replace("edit/step/", "preview/")
        assert signed_in.get(url).status_code == 405
        signed_in.logout()
        assert client.post(url).status_code == 302
        client.force_login(bob)
        assert client.post(url).status_code == 404

    def test_it_is_for_mappings_alone(self, signed_in, draft):
        url_of_return = at(draft, "steps", 1).replace("edit/step/", "preview/")
        assert signed_in.post(url_of_return).status_code == 404


class TestTurning:
    def test_it_asks_first(self, signed_in, draft, address):
        response = fill(signed_in, address, turn="ask")
        assert "It cannot be made a table again." in text_of(response)
        draft.refresh_from_db()
        assert draft.draft == DRAFT

    def test_it_replaces_the_step(self, signed_in, draft, address):
        before = parse(DRAFT).data["steps"]
        assert fill(signed_in, address, turn="sure").status_code == 302
        after = steps_of(draft)
        assert after[1:] == before[1:]
        assert after[0]["set"]["order"].startswith("{{ (\n  $over := ")
        assert "# makes an order" in draft.draft
        assert "|" in draft.draft

    def test_it_is_refused_where_the_table_is_wrong(self, signed_in, draft, address):
        response = fill(signed_in, address, turn="ask", table="- {to: a}")
        assert "It cannot be made a table again." not in text_of(response)
        assert "Row 1: A field has either from" in text_of(response)
