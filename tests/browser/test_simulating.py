"""A draft simulated by the keyboard alone, step by step, with a value changed on the way."""

import re

import pytest
from playwright.sync_api import expect

from dynamic.models import Flow
from tests.browser.accessibility import assert_accessible
from tests.dynamic.conftest import upstream, upstream_process, workshop

__all__ = ["upstream", "upstream_process", "workshop"]

pytestmark = pytest.mark.browser

LONG = "a-name-that-is-as-long-as-a-slug-may-be-" + "x" * 10
DRAFT = f"""\
version: 1
steps:
  - call: ask
    api: shop/{LONG}
    with: {{a: "{{{{ payload.a }}}}"}}
  - for: line
    in: "{{{{ steps.ask.data.lines }}}}"
    do:
      - set: {{twice: "{{{{ line * 2 }}}}"}}
    collect: "{{{{ twice }}}}"
    as: all
  - notify: {"W" * 100}
  - return: {{body: "{{{{ $join(all.$string(), ' ') }}}}"}}
"""


@pytest.fixture
def flow(alice, workshop):
    shop = workshop.system("shop")
    workshop.call(shop, LONG, "/echo", query=[{"key": "a", "value": "{{ a }}"}])
    return Flow.objects.create(owner=alice, slug="f", name="Orders", draft=DRAFT)


def press(page, control, key="Enter"):
    """Come to a control by Tab, and use it."""
    for _ in range(60):
        if control.evaluate("node => node === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError("The keyboard does not come there.")


def test_it_goes_step_by_step_and_on_with_a_changed_value(page, alice, come_in, flow, upstream):
    come_in(alice)
    page.goto("/flows/f/simulate/")
    answers = page.get_by_label("Answers")
    answers.select_option("answer")
    page.get_by_label("Body").fill('{"lines": [1, 2]}')
    assert_accessible(page)
    press(page, page.get_by_role("button", name="Go step by step"))

    standing = page.get_by_role("heading", level=2).first
    step = page.get_by_role("button", name="Next step")
    for label in ("ask", "steps[1]", "steps[1].do[0]"):
        expect(standing).to_contain_text(f"Before {label} ")
        expect(step).to_be_focused()
        if label != "steps[1].do[0]":
            page.keyboard.press("Enter")
    expect(page.get_by_role("list").filter(has_text="next").last).to_contain_text("steps[1].do[0]")
    press(page, page.locator("summary", has_text=re.compile("^line")), "Space")
    page.get_by_role("textbox", name="line").fill("[")
    press(page, step)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was run")
    page.get_by_role("textbox", name="line").fill("21")
    press(page, page.get_by_role("combobox", name="Stop before"), "End")
    assert_accessible(page)
    press(page, page.get_by_role("button", name="Run to there"))

    expect(standing).to_contain_text("Before steps[3]")
    press(page, page.get_by_role("button", name="Run to the end"))
    expect(page.get_by_role("status").first).to_contain_text("It ran: success, HTTP 200")
    expect(page.get_by_label("Body")).to_have_text("42 4")
    page.get_by_text("Item 1").click()
    expect(page.get_by_text("Edited line:")).to_be_visible()
    assert_accessible(page)
    assert upstream.seen == []

    page.get_by_role("link", name="Start again").click()
    expect(page.get_by_label("Body")).to_have_value('{\n  "lines": [\n    1,\n    2\n  ]\n}')
    page.get_by_label("Live").check()
    expect(page.get_by_label("Answers")).to_be_hidden()
