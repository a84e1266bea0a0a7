"""A flow is shared with another account, which edits and publishes it, until it is withdrawn."""

import re

import pytest
from playwright.sync_api import expect

from dynamic.models import Flow
from tests.browser.accessibility import assert_accessible, is_too_wide
from tests.browser.appearance import in_every_look

pytestmark = pytest.mark.browser

DRAFT = "version: 1\nsteps:\n  - return: {body: 1}\n"
LONG_NAME = "Orders of the Rotterdam branch with their stock, prices and places".ljust(100, "!")


def test_it_is_shared_edited_published_and_withdrawn(page, come_in, alice, bob, complaints):
    flow = Flow.objects.create(owner=alice, slug="orders", name="Orders", draft=DRAFT)
    come_in(alice)
    page.goto("/flows/orders/edit/")
    page.get_by_role("link", name="Share", exact=True).click()
    expect(page.get_by_text("Nobody but you.")).to_be_visible()
    page.get_by_label("E-mail address").fill("bob@example.com")
    page.get_by_label("Editor").check()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("bob@example.com has “Orders” now, as an editor")).to_be_visible()
    assert_accessible(page)

    come_in(bob)
    page.goto("/flows/")
    row = page.get_by_role("row").filter(has_text="alice@example.com")
    expect(row.get_by_text("editor", exact=True)).to_be_visible()
    row.get_by_role("link", name="Orders").click()
    address = f"/flows/orders@{alice.pk}"
    expect(page).to_have_url(re.compile(f"{address}/edit/$"))
    expect(page.get_by_text("Shared by alice@example.com")).to_be_visible()
    expect(page.get_by_role("link", name="Delete")).to_have_count(0)
    page.get_by_role("link", name="Source").click()
    page.get_by_role("textbox", name="Source").fill(DRAFT.replace("1}", "2}"))
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()
    assert "body: 2" in flow.latest.source
    assert_accessible(page)

    come_in(alice)
    page.goto("/flows/orders/share/")
    page.get_by_role("button", name="Remove bob@example.com").click()
    expect(page.get_by_text("Nobody but you.")).to_be_visible()

    come_in(bob)
    assert page.goto(f"{address}/").status == 404
    assert [complaint for complaint in complaints if "404" not in complaint] == []
    complaints.clear()


def test_its_page_fits_every_window(page, come_in, alice, bob):
    flow = Flow.objects.create(owner=alice, slug="orders", name=LONG_NAME, draft=DRAFT)
    flow.shares.create(owner=alice, account=bob, role="editor")
    for person, url in ((alice, "/flows/orders/share/"), (bob, f"/flows/orders@{alice.pk}/share/")):
        come_in(person)
        page.goto(url)
        for look in in_every_look(page):
            assert not is_too_wide(page), look
            assert_accessible(page)
