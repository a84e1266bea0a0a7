"""The journey of an API call: written on a page, in rows; tried; imported."""

import pytest
from playwright.sync_api import expect

from dynamic.pages.rows_field import parse_rows
from tests.browser.accessibility import assert_accessible
from tests.dynamic.conftest import upstream, upstream_process, workshop
from tests.upstream import SHOP_KEY

__all__ = ["upstream", "upstream_process", "workshop"]

pytestmark = pytest.mark.browser

NEW, IMPORT = "/systems/shop/calls/new/", "/systems/shop/import/"
# Each holds something that another rule would take for a border or an escape.
TRICKY = [
    {"label": "a::b:", "key": ":k\\", "value": "c::d"},
    {"label": "", "key": "\\n", "value": "one\ntwo\\n\\\\\r\nthree"},
    {"label": "é\u2028", "key": "\\:", "value": "  C:\\new\\"},
]


@pytest.fixture
def shop(workshop):
    return workshop.system("shop", "", "header", {"secret": SHOP_KEY}, auth={"name": "X-Api-Key"})


@pytest.fixture
def at(page, alice, come_in, shop):
    """Alice, in front of a page."""

    def at(path):
        page.goto(path)
        return page

    come_in(alice)
    return at


def cell(page, column, row, name="Params"):
    return page.get_by_role("textbox", name=f"{column}, row {row} of {name}")


def lines(page, field="query"):
    """What would be sent: the text is in step with the table."""
    return page.locator(f"#id_{field}").input_value().split("\n")


def test_it_makes_a_call_and_tries_it(at, shop, upstream):
    page = at(NEW)
    page.get_by_label("Name", exact=True).fill("Echo")
    page.get_by_label("Method").select_option("POST")
    page.get_by_label("Relative URL").fill("/echo")
    page.get_by_role("button", name="Add row to Params").click()
    cell(page, "Label", 1).fill("Article")
    cell(page, "Key", 1).fill("sku")
    cell(page, "Value", 1).fill("{{ sku }}")
    page.get_by_label("Body").select_option("json")
    page.get_by_label("JSON", exact=True).fill('{"sku": "{{ sku }}"}')
    page.get_by_label("Sample arguments").fill('{"sku": 12}')
    page.get_by_role("button", name="Save and test").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Test “Echo”")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Answered 200 in")).to_be_visible()
    expect(page.get_by_text(f"POST {upstream.url}/echo?sku=12")).to_be_visible()
    assert SHOP_KEY not in page.content()
    assert_accessible(page)
    page.get_by_role("button", name="Keep the answer as sample").click()
    expect(page.get_by_role("status").first).to_contain_text("is kept as a sample")
    call = shop.calls.get()
    assert call.query == [{"label": "Article", "key": "sku", "value": "{{ sku }}"}]
    assert call.sample_response["query"] == {"sku": "12"}


def test_it_fills_in_rows_by_keyboard(at, shop):
    page = at(NEW)
    page.get_by_label("Name", exact=True).fill("Keys")
    page.get_by_role("button", name="Add row to Params").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("a")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("2")
    page.keyboard.press("Enter")  # a row more, for there is none below
    page.keyboard.type("b")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#announcer")).to_have_text("Now row 1.")
    page.keyboard.press("Enter")  # down the column
    expect(cell(page, "Key", 2)).to_be_focused()
    assert lines(page) == ["::b::", "::a::1\\n2"]
    page.get_by_role("button", name="Move up row 2 of Params").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move down row 1 of Params")).to_be_focused()
    page.get_by_role("button", name="Remove row 1 of Params").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove row 1 of Params")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add row to Params")).to_be_focused()
    assert lines(page) == [""]


def test_it_edits_rows_in_bulk(at, shop):
    page = at(NEW)
    page.get_by_label("Name", exact=True).fill("Bulk")
    page.get_by_role("button", name="Bulk edit Headers").click()
    text = page.get_by_role("textbox", name="Headers")
    text.fill("X-A::1\n\nnothing")
    page.get_by_role("button", name="Edit as table Headers").click()
    expect(page.get_by_text("Row 2 is no row yet: write label::key::value.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Row 2 is “nothing”: write label::key::value.")).to_be_visible()
    assert_accessible(page)
    text.fill("X-A::1\n\nNote::X-B::2::3")
    page.get_by_role("button", name="Edit as table Headers").click()
    expect(cell(page, "Key", 1, "Headers")).to_have_value("X-A")
    expect(cell(page, "Value", 2, "Headers")).to_have_value("2::3")
    page.get_by_role("button", name="Move up row 2 of Headers").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("“Bulk” is saved.")
    assert [row["value"] for row in shop.calls.get().headers] == ["2::3", "1"]


def test_it_writes_files_of_a_multipart_body(at, shop):
    page = at(NEW)
    page.get_by_label("Name", exact=True).fill("Upload")
    page.get_by_label("Method").select_option("POST")
    page.get_by_label("Body").select_option("multipart")
    page.get_by_role("button", name="Add row to Parts").click()
    for column, text in {"Key": "doc", "Value": "{{ pdf }}", "File name": "a.pdf"}.items():
        cell(page, column, 1, "Parts").fill(text)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("“Upload” is saved.")
    part = {"label": "", "key": "doc", "value": "{{ pdf }}", "filename": "a.pdf"}
    assert shop.calls.get().body == [part]
    expect(cell(page, "File name", 1, "Parts")).to_have_value("a.pdf")


def test_it_reads_and_writes_rows_as_the_server_does(at, workshop, shop):
    workshop.call(shop, "tricky", body_kind="form", body=TRICKY)
    page = at("/systems/shop/calls/tricky/")
    page.get_by_role("button", name="Add row to Form fields").click()
    cell(page, "Key", 4, "Form fields").fill("more")
    assert parse_rows("\n".join(lines(page, "body_form")))[:3] == TRICKY
    page.get_by_role("button", name="Bulk edit Form fields").click()
    page.get_by_role("button", name="Edit as table Form fields").click()
    page.get_by_role("button", name="Remove row 4 of Form fields").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("is saved.")
    assert shop.calls.get().body == TRICKY


def test_it_shows_the_fields_of_the_choice_alone(at):
    page = at(NEW)
    expect(page.get_by_label("JSON", exact=True)).to_be_hidden()
    page.get_by_label("Body").select_option("json")
    expect(page.get_by_label("JSON", exact=True)).to_be_visible()
    page.get_by_text("Fine statuses, pages, sample response").click()
    expect(page.get_by_label("Next page")).to_be_hidden()
    page.get_by_label("Pages", exact=False).first.select_option("cursor")
    expect(page.get_by_label("Next page")).to_be_visible()


def test_it_imports_what_curl_would_send(at, shop, workshop):
    page = at(IMPORT)
    page.get_by_label("Source").fill(f"curl {workshop.url}/echo -d a=1\ncurl https://x.example.com")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("1 API call can be made, 1 cannot.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Make the ticked calls").click()
    expect(page.get_by_role("status").first).to_contain_text("1 API call is made.")
    assert shop.calls.get().body_kind == "form"


def test_it_can_be_used_by_all(at, workshop, shop):
    rows = [{"label": f"Label {n}", "key": f"key-{n}", "value": "v" * n * 9} for n in range(40)]
    long = workshop.call(shop, "l" * 50, "/" + "long/" * 150, query=rows, active=False)
    long.name = "W" * 100
    long.save()
    here = f"/systems/shop/calls/{long.slug}/"
    for path in (NEW, here, f"{here}test/", f"{here}delete/", IMPORT, "/systems/shop/"):
        assert_accessible(at(path))
    page = at(NEW)
    page.get_by_label("Body").select_option("multipart")
    page.get_by_role("button", name="Add row to Parts").click()
    page.get_by_text("Fine statuses, pages").click()
    page.get_by_label("Pages", exact=False).first.select_option("page")
    page.get_by_text("Timeouts, retry, redirects").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    assert_accessible(page)
