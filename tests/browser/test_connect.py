"""A person allows access at a system, in a browser: OAuth 2.0, there and back again."""

import pytest
from playwright.sync_api import expect

from tests.authorization_server import CLIENT_ID, CLIENT_SECRET
from tests.browser.accessibility import assert_accessible
from tests.browser.test_system_pages import signed_in, upstream, upstream_process

__all__ = ["signed_in", "upstream", "upstream_process"]

pytestmark = pytest.mark.browser


@pytest.fixture
def page_of_system(signed_in, upstream):
    """The page of a system that was made by hand, and is not connected yet."""
    page = signed_in
    page.goto("/systems/new/?type=oauth2_code")
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_label("Base URL").fill(f"{upstream.url}/oauth")
    page.get_by_label("Authorization URL").fill(f"{upstream.url}/oauth/authorize")
    page.get_by_label("Token URL").fill(f"{upstream.url}/oauth/token")
    page.get_by_label("Client id").fill(CLIENT_ID)
    page.get_by_label("Client secret").fill(CLIENT_SECRET)
    page.get_by_role("button", name="Create system").click()
    expect(page.get_by_text("not connected yet")).to_be_visible()
    return page


def connect(page, choice):
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Continue to 127.0.0.1").click()
    page.get_by_role("link", name=choice).click()


def test_it_connects_and_calls_with_the_token(page_of_system, upstream):
    page = page_of_system
    page.get_by_role("button", name="Connect").click()
    assert_accessible(page)
    page.go_back()
    connect(page, "Allow")
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    assert "code=" not in page.url
    assert "canary" not in page.content()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Health check path").fill("/orders")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Test default").click()
    page.get_by_label("fresh").check()
    page.get_by_role("button", name="Test connection").click()
    result = page.get_by_role("region", name="Result")
    expect(result.get_by_role("status")).to_contain_text("Answered 200")
    assert upstream.oauth.asked[-1] == "refresh_token"


def test_it_says_that_access_was_denied(page_of_system):
    page = page_of_system
    connect(page, "Deny")
    expect(page.get_by_role("status").first).to_contain_text("did not allow access: access_denied")
