"""The page of the REST API: Swagger, offline and under our CSP; the `page` fixture sees to both."""

import pytest
from playwright.sync_api import expect

from apikeys.models import Key
from dynamic.models import Flow, Pipe
from tests.browser.accessibility import is_too_wide
from tests.browser.appearance import in_every_look

pytestmark = pytest.mark.browser


def show(page):
    page.goto("/account/")
    page.get_by_role("link", name="REST API").click()
    expect(page.locator(".opblock").first).to_be_visible()


def try_out(page, operation):
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table .response")


def test_it_shows_the_operations(page, alice, come_in):
    come_in(alice)
    for look in in_every_look(page):
        show(page)
        expect(page.locator("#swagger-ui")).to_contain_text("/v1/dynamic/listener/{pipe_id}")
        assert not is_too_wide(page), look


def test_it_is_open_to_those_not_signed_in(page, alice):
    page.goto("/v1/docs/")
    expect(page.locator(".opblock").first).to_be_visible()


def test_it_reads_by_the_session(page, alice, come_in):
    flow = Flow.objects.create(owner=alice, slug="hello", name="Hello", draft="")
    Pipe.objects.create(owner=alice, name="Stock of Rotterdam", flow=flow)
    come_in(alice)
    show(page)
    answer = try_out(page, "dynamic_pipes_list")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text("Stock of Rotterdam")


def test_it_writes_by_the_session(page, alice, come_in):
    key, _ = Key.objects.issue(alice, "K", "access_token", 1)
    come_in(alice)
    show(page)
    answer = try_out(page, "account_api_keys_revoke_all_create")
    expect(answer).to_contain_text('"revoked": 1')
    key.refresh_from_db()
    assert key.revoked_at
