"""A mapping made in its table, by what a person sees: rows, modifiers, the preview, JSONata."""

import json
import re

import pytest
from playwright.sync_api import expect

from dynamic.flow.document import parse
from dynamic.models import Flow
from tests.browser.accessibility import assert_accessible

pytestmark = pytest.mark.browser

DRAFT = """\
version: 1
input:
  properties:
    order_no: {example: " 42 "}
    shop name: {example: Berlin}
    items: {type: array, items: {properties: {sku: {example: a-1}}}}
steps:
  - map: order
    from: "{{ payload }}"
    fields:
      - {to: number, from: order_no, use: [trim, {pad: 8}]}
      - {to: country, from: c, use: [{lookup: {table: {DE: Germany}, else: "?"}}], default: none}
      - to: lines
        from: items
        fields:
          - {to: sku, from: sku, use: [upper]}
  - return: {body: "{{ order }}"}
"""


@pytest.fixture
def draft(alice):
    return Flow.objects.create(owner=alice, slug="f", name="Flow", draft=DRAFT)


@pytest.fixture
def form(page, alice, come_in, draft):
    come_in(alice)
    page.goto('/flows/f/edit/step/?at=["steps",0]')
    return page


def fields_of(flow):
    flow.refresh_from_db()
    return parse(flow.draft).data["steps"][0].get("fields")


def result(page):
    return page.get_by_role("status", name="Result")


def test_it_is_made_in_a_table_and_tried_on_a_sample(form, draft):
    page = form
    expect(result(page)).to_contain_text('"number": "00000042"')
    paths = page.locator("datalist").first.locator("option")
    expect(paths).to_have_count(4)
    assert '"shop name"' in [each.get_attribute("value") for each in paths.all()]
    assert_accessible(page)
    page.get_by_role("textbox", name="Characters").fill("4")
    expect(result(page)).to_contain_text('"number": "0042"')
    page.get_by_label("Add a modifier, row 1", exact=True).select_option("Suffix")
    page.keyboard.type("/26")
    expect(result(page)).to_contain_text('"number": "0042/26"')
    page.get_by_role("button", name="Move Suffix to the left").click()
    expect(result(page)).to_contain_text('"number": "42/26"')
    page.get_by_role("button", name="Move down, row 1", exact=True).click()
    page.get_by_role("button", name="Add field", exact=True).click()
    page.keyboard.type("shop.name")
    page.get_by_label("Source, row 4").fill('"shop name"')
    page.get_by_label("Target, row 3.1").fill("code")
    expect(result(page)).to_contain_text('"code": "A-1"')
    page.get_by_role("button", name="Add field", exact=True).click()
    page.get_by_label("Taken from, row 5").select_option("Value")
    page.get_by_label("Target, row 5").fill("shop")
    page.get_by_label("Value, row 5").fill("5")
    expect(page.get_by_text("Another target is inside the value of shop.")).to_be_visible()
    page.get_by_label("Target, row 5").fill("five")
    expect(result(page)).to_contain_text('"five": 5')
    page.get_by_role("button", name="Save step").click()
    expect(page.get_by_text("The step is saved.")).to_be_visible()
    lookup = {"lookup": {"table": {"DE": "Germany"}, "else": "?"}}
    assert fields_of(draft) == [
        {"to": "country", "from": "c", "use": [lookup], "default": "none"},
        {"to": "number", "from": "order_no", "use": ["trim", {"suffix": "/26"}, {"pad": 4}]},
        {
            "to": "lines",
            "from": "items",
            "fields": [{"to": "code", "from": "sku", "use": ["upper"]}],
        },
        {"to": "shop.name", "from": '"shop name"'},
        {"to": "five", "value": 5},
    ]


def test_it_is_text_and_a_table_by_turns_and_becomes_jsonata(form, draft):
    page = form
    page.get_by_role("button", name="Edit as text").click()
    text = page.get_by_label("Fields")
    lines = [json.loads(line.removeprefix("- ")) for line in text.input_value().splitlines()]
    assert lines == fields_of(draft)
    text.fill("- {to: a, from: order_no}")
    page.get_by_role("button", name="Edit as table").click()
    expect(page.get_by_text("Line 1 is no field as JSON yet.")).to_be_visible()
    text.fill('- {"to": "a", "from": "order_no"}')
    page.get_by_role("button", name="Edit as table").click()
    expect(page.get_by_label("Source, row 1")).to_have_value("order_no")
    page.get_by_role("button", name="Turn into JSONata").click()
    expect(page.get_by_text("It cannot be made a table again.")).to_be_visible()
    page.get_by_role("button", name="Turn into JSONata").first.click()
    expect(page.get_by_text("The step is saved.")).to_be_visible()
    assert fields_of(draft) is None
    assert '"a": $item.order_no' in draft.draft


def test_it_finds_a_sample_for_what_is_mapped(page, alice, come_in, draft):
    come_in(alice)
    page.goto('/flows/f/edit/step/?into=["steps"]&index=1&kind=map')
    page.get_by_label("From", exact=True).fill("{{ order.lines }}")
    expect(page.get_by_label("Sample input")).to_have_value(re.compile('"sku": "A-1"'))
    page.get_by_label("Target, row 1", exact=True).fill("code")
    page.get_by_label("Source, row 1", exact=True).fill("sku")
    expect(result(page)).to_contain_text('"code": "A-1"')
    page.get_by_label("Name of what is made").fill("lines")
    page.get_by_role("button", name="Add step").click()
    expect(page.get_by_text("The step is added.")).to_be_visible()
    draft.refresh_from_db()
    fields = [{"to": "code", "from": "sku"}]
    added = {"map": "lines", "from": "{{ order.lines }}", "fields": fields}
    assert parse(draft.draft).data["steps"][1] == added
