"""A flow made of steps, published and run: by the mouse alone, and by the keyboard alone."""

import json
import re

import pytest
from playwright.sync_api import expect

from dynamic.flow.document import parse
from dynamic.models import Flow
from tests.browser.accessibility import assert_accessible
from tests.dynamic.conftest import upstream, upstream_process, workshop

__all__ = ["upstream", "upstream_process", "workshop"]

pytestmark = pytest.mark.browser

LONG = "Orders of the Rotterdam branch with their stock and prices ".ljust(100, "W")
DRAFT = f"""\
version: 1
input: {{type: object, properties: {{id: {{type: integer}}, note: {{type: string}}}}}}
steps:
  - call: ask
    api: shop/echo
    with: {{a: "{{{{ payload.id }}}}"}}
  - if: "{{{{ steps.ask.data.{"w" * 150} }}}}"
    then:
      - log: {LONG}
      - notify: {{to: a@example.com, message: {LONG}}}
        disabled: true
    elif:
      - if: "{{{{ 1 + }}}}"
        then: [{{lag: 1}}]
  - for: x
    in: "{{{{ payload }}}}"
    do:
      - try: [{{fail: no}}]
        catch: [{{continue: }}]
  - return: {{body: 1}}
"""


@pytest.fixture
def signed_in(page, alice, come_in):
    come_in(alice)
    return page


@pytest.fixture
def echo(workshop):
    rows = [{"key": "a", "value": "{{ a }}"}]
    call = workshop.call(workshop.system("shop"), "echo", "/echo", query=rows)
    call.sample_response = {"query": {"a": "1"}, "method": "GET"}
    call.save()
    return call


def make(owner, draft=DRAFT, slug="f", name="Flow"):
    return Flow.objects.create(owner=owner, slug=slug, name=name, draft=draft)


def said(page, text):
    expect(page.get_by_role("status").first).to_contain_text(text)


def tab_to(page, control):
    for _ in range(60):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The Tab key does not lead to {control}.")


def press(page, role, name, key="Enter", **more):
    tab_to(page, page.get_by_role(role, name=name, **more).first)
    page.keyboard.press(key)


def on_step(page, index, key, told):
    """Press a key on the step, which has the focus."""
    expect(page.locator(".editor-title").nth(index)).to_be_focused()
    page.keyboard.press(key)
    said(page, told)


def select_all(page, field):
    """By dragging over it."""
    box = field.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 2)
    page.mouse.up()


def steps_of(alice):
    return parse(alice.flows.get().draft).data["steps"]


def test_it_makes_publishes_and_runs_a_flow_by_mouse_alone(signed_in, alice, echo, upstream):
    page = signed_in
    page.goto("/flows/")
    page.get_by_role("link", name="New flow").click()
    page.get_by_role("button", name="Create flow").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New flow")

    page.get_by_role("link", name="Add a step before").click()
    page.get_by_role("link", name="API call Makes an API call").click()
    page.get_by_role("link", name="shop/echo").click()
    page.get_by_label("Value, row 1 of Arguments").click()
    page.get_by_role("button", name="method", exact=True).click()
    expect(page.get_by_label("Value, row 1 of Arguments")).to_have_value("{{ method }}")
    page.get_by_role("button", name="Add step").click()
    said(page, "The step is added.")

    page.locator(".editor-title").nth(1).click()
    body = page.get_by_label("Body")
    select_all(page, body)
    page.get_by_role("button", name="steps.echo.data.query.a", exact=True).click()
    page.get_by_role("button", name="Save step").click()
    said(page, "The step is saved.")

    # Up by dragging, down by a button, twice and one of them deleted.
    lines = page.locator(".editor-line")
    lines.nth(1).drag_to(page.locator(".editor-add").first)
    said(page, "The step is moved.")
    assert [next(iter(step)) for step in steps_of(alice)] == ["return", "call"]
    page.get_by_role("button", name="Move down").first.click()
    said(page, "The step is moved.")
    page.get_by_text("More to do with").first.click()
    page.get_by_role("button", name="Copy").click()
    said(page, "The step is copied.")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_text("More to do with").nth(1).click()
    page.get_by_role("button", name="Delete", exact=True).last.click()
    said(page, "The step is deleted.")

    page.get_by_role("button", name="Publish").click()
    said(page, "Version 1 is published.")
    page.get_by_role("link", name="Simulate").click()
    page.get_by_role("radio", name="Live").click()
    page.get_by_role("button", name="Run to the end").click()
    expect(page.get_by_role("status").first).to_contain_text("It ran: success, HTTP 200")
    assert upstream.requests_to("/echo") == ["/echo?a=POST"]


def test_it_makes_publishes_and_runs_a_flow_by_keyboard_alone(signed_in, alice, echo, upstream):
    page = signed_in
    page.goto("/flows/")
    press(page, "link", "New flow")
    tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type("By hand")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("By hand")

    tab_to(page, page.locator(".editor-title"))
    page.keyboard.press("a")  # one after it
    press(page, "link", re.compile("^API call"))
    press(page, "link", "shop/echo")
    tab_to(page, page.get_by_label("Value, row 1 of Arguments"))
    page.keyboard.type("x-7")
    press(page, "button", "Add step")
    said(page, "The step is added.")
    on_step(page, 1, "Alt+ArrowUp", "The step is moved.")
    on_step(page, 0, "c", "The step is copied.")
    on_step(page, 1, "d", "The step is disabled")
    on_step(page, 1, "d", "The step is enabled again.")
    page.once("dialog", lambda dialog: dialog.accept())
    on_step(page, 1, "Delete", "The step is deleted.")
    press(page, "button", "Undo the last change")
    said(page, "The last change is undone.")

    tab_to(page, page.locator(".editor-title").first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Body"))
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+Space")
    page.keyboard.type("query.a")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Body")).to_have_value("{{ steps.echo_2.data.query.a }}")
    expect(page.get_by_label("Body")).to_be_focused()
    press(page, "button", "Save step")
    said(page, "The step is saved.")
    press(page, "button", "Publish")
    said(page, "Version 1 is published.")
    press(page, "link", "Simulate")
    tab_to(page, page.get_by_role("radio", name="mocks"))
    page.keyboard.press("ArrowDown")
    press(page, "button", "Run to the end")
    expect(page.get_by_role("status").first).to_contain_text("It ran: success, HTTP 200")
    assert upstream.requests_to("/echo") == ["/echo?a=x-7"] * 2


def test_it_finds_values_and_asks_before_what_was_typed_is_lost(signed_in, alice, echo):
    page = signed_in
    make(alice)
    page.goto(f"/flows/f/edit/step/?at={json.dumps(['steps', 1])}")
    page.get_by_label("Find a value").fill("payload.n")
    expect(page.locator(".pick:visible")).to_have_text(["payload.note"])
    page.get_by_label("If", exact=True).fill("{{ $exists() }}")
    page.keyboard.press("End")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.locator(".pick:visible").click()
    expect(page.get_by_label("If", exact=True)).to_have_value("{{ $exists(payload.note) }}")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Cancel").click()
    assert asked == ["beforeunload"]


def test_it_can_be_used_by_all(signed_in, alice, echo):
    page = signed_in
    make(alice, name=LONG)
    make(alice, "version: 1\nsteps: []\n", "empty")
    make(alice, "version: [", "broken")
    at, into = '?at=["steps",{}]', '?into=["steps",2,"do"]&index=0'
    for path in (
        "f/edit/",
        "empty/edit/",
        "broken/edit/",
        f"f/edit/add/{into}",
        f"f/edit/step/{into}&kind=call&api=shop/echo",
        f"f/edit/step/{at.format(1)}",
        "f/edit/input/",
    ):
        page.goto(f"/flows/{path}")
        assert_accessible(page)
    page.goto("/flows/f/edit/")
    page.get_by_text("More to do with").first.click()
    assert_accessible(page)
    page.goto(f"/flows/f/edit/step/{at.format(3)}")
    Flow.objects.filter(slug="f").update(draft=DRAFT.replace("body: 1", "body: 2"))
    page.get_by_role("button", name="Save step").click()
    expect(page.get_by_role("alert").first).to_contain_text("changed while you were writing")
    assert_accessible(page)
