"""The journey of a flow: written, mended, published, tried, and changed by two at once."""

import pytest
from playwright.sync_api import expect

from dynamic.models import Drift, Flow, Pipe
from tests.browser.accessibility import assert_accessible
from tests.dynamic.conftest import upstream, upstream_process, workshop

__all__ = ["upstream", "upstream_process", "workshop"]

pytestmark = pytest.mark.browser

LIST, NEW = "/flows/", "/flows/new/"
LONG_NAME = "Orders of the Rotterdam branch with their stock, prices and places".ljust(100, "!")
BROKEN = """\
version: 1
steps:
  - call: ask
    api: shop/eco
    with: {a: "{{ payload.a }}"}
  - return:
      body: "{{ steps.ask.data.query }}"
"""
LOOP = """\
version: 1
steps:
  - for: x
    in: "{{ [1, 2] }}"
    do:
      - call: ask
        api: shop/echo
        with: {a: "{{ x }}"}
  - fail: {status: 409, message: Sold out, data: {left: 0}}
"""


@pytest.fixture
def signed_in(page, alice, come_in):
    come_in(alice)
    return page


@pytest.fixture
def echo(workshop):
    rows = [{"key": "a", "value": "{{ a }}"}]
    return workshop.call(workshop.system("shop"), "echo", "/echo", query=rows)


def make(owner, slug, draft, name="Flow"):
    return Flow.objects.create(owner=owner, slug=slug, name=name, draft=draft)


def test_it_writes_mends_publishes_and_tries_a_flow(signed_in, alice, echo, upstream):
    page = signed_in
    page.goto(LIST)
    page.get_by_role("link", name="New flow").click()
    page.get_by_label("Name", exact=True).fill("Orders")
    page.get_by_text("Begin with a document").click()
    page.get_by_role("textbox", name="Source").fill(BROKEN)
    page.get_by_role("button", name="Create flow").click()
    page.get_by_role("link", name="Source").click()

    expect(page.get_by_role("heading", name="1 problem")).to_be_visible()
    expect(page.get_by_role("region", name="Problems")).to_contain_text("shop/eco")
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    page.get_by_role("link", name="Line 4").click()
    selected = "getSelection().toString()"
    assert page.evaluate(selected) == "    api: shop/eco"
    page.keyboard.insert_text("    api: shop/echo  # it gives back what it gets")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status").first).to_contain_text("It can run.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("status").first).to_contain_text("The draft is saved.")
    assert "# it gives back what it gets" in alice.flows.get().draft

    page.get_by_label("Note").fill("The first one")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_contain_text("Version 1 is published.")
    expect(page.get_by_role("region", name="Versions")).to_contain_text("The first one")

    page.get_by_role("link", name="Simulate").click()
    page.get_by_label("Payload").fill('{"a": "x-7"}')
    page.get_by_label("Live").check()
    page.get_by_role("button", name="Run to the end").click()
    result = page.get_by_role("region", name="Result")
    expect(result.get_by_role("status")).to_contain_text("It ran: success, HTTP 200")
    page.get_by_text("Request and response").click()
    expect(page.get_by_label("Request", exact=True)).to_contain_text("/echo?a=x-7")
    assert upstream.requests_to("/echo") == ["/echo?a=x-7"]


def test_it_asks_before_what_was_typed_is_lost(signed_in, alice, echo):
    page = signed_in
    make(alice, "f", BROKEN)
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto("/flows/f/")
    page.get_by_role("link", name="Systems").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Systems")
    assert asked == []
    page.goto("/flows/f/")
    source = page.get_by_role("textbox", name="Source")
    source.press_sequentially("# more")
    page.get_by_role("link", name="Systems").click()
    expect(source).to_have_value(f"# more{BROKEN}")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("status").first).to_contain_text("The draft is saved.")
    assert asked == ["beforeunload"]


def test_it_lets_two_tabs_not_overwrite_each_other(signed_in, alice, echo):
    page = signed_in
    flow = make(alice, "f", BROKEN)
    page.goto("/flows/f/")
    flow.draft = "# theirs\n"
    flow.save()
    page.get_by_role("textbox", name="Source").fill("# mine\n")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_label("The draft that was saved meanwhile")).to_have_text("# theirs\n")
    assert_accessible(page)
    page.get_by_role("button", name="Save mine in place of theirs").click()
    expect(page.get_by_role("status").first).to_contain_text("The draft is saved.")
    assert alice.flows.get().draft == "# mine\n"


def test_it_can_be_used_by_all(signed_in, alice, echo):
    page = signed_in
    page.goto(LIST)
    assert_accessible(page)
    flow = make(alice, "f", LOOP, LONG_NAME)
    flow.publish(LONG_NAME)
    flow.draft = LOOP.replace("Sold out", f'"{LONG_NAME}"')
    flow.save()
    flow.publish("Says more.")
    Pipe.objects.create(owner=alice, name=LONG_NAME, flow=flow, pinned=flow.latest)
    flow.draft = LOOP
    flow.save()
    echo.sample_response = {"query": {"a": 1}}
    echo.save()
    Drift.objects.create(flow=flow, call=echo, path='["query", "a"]', run_id="0" * 24)
    make(alice, "broken", BROKEN)
    free = make(alice, "free", LOOP)
    free.publish()
    for path in (
        LIST,
        f"{LIST}?q=nothing+of+this",
        NEW,
        "/flows/f/",
        "/flows/broken/",
        "/flows/free/",
        "/flows/f/versions/1/",
        "/flows/f/versions/2/",
        "/flows/f/delete/",
        "/flows/free/delete/",
        "/flows/broken/simulate/",
    ):
        page.goto(path)
        assert_accessible(page)
    for path, button in {
        NEW: "Create flow",
        "/flows/broken/": "Check",
    }.items():
        page.goto(path)
        page.get_by_role("button", name=button).click()
        for inner in page.locator("details:not(.menu) > summary").all():
            if inner.is_visible():
                inner.click()
        assert_accessible(page)
