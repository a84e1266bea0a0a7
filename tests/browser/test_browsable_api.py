import json

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.accessibility import assert_accessible
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _people_api(settings):
    settings.ROOT_URLCONF = "tests.browser.people_api"


def test_it_can_be_used_by_all(page, alice, bob, come_in):
    come_in(alice)
    for path in ("/v1/people/", "/v1/people/?page=2", f"/v1/people/{bob.pk}/"):
        page.goto(path)
        assert_accessible(page)


def test_it_turns_pages(page, alice, bob, come_in):
    come_in(alice)
    page.goto("/v1/people/")
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.get_by_label("Response")).to_contain_text("bob@example.com")


def test_it_makes_changes_and_deletes(page, alice, come_in):
    come_in(alice)
    page.goto("/v1/people/")
    dora = {"email": "dora@example.com", "first_name": "Dora"}
    page.get_by_label("Content").fill(json.dumps(dora))
    page.get_by_role("button", name="POST").click()
    expect(page.get_by_label("Response")).to_contain_text("HTTP 201 Created")

    page.goto(f"/v1/people/{User.objects.get(first_name='Dora').pk}/")
    page.get_by_label("Content").fill('{"first_name": "Dorothea"}')
    page.get_by_role("button", name="PATCH").click()
    expect(page.get_by_label("Response")).to_contain_text('"first_name": "Dorothea"')

    page.get_by_text("Delete Person").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_label("Response")).to_contain_text("HTTP 204 No Content")
    assert not User.objects.filter(email="dora@example.com").exists()


def test_it_shows_what_is_wrong_with_a_change(page, alice, come_in, complaints):
    come_in(alice)
    page.goto("/v1/people/")
    page.get_by_label("Content").fill('{"email": "<b>nobody</b>"}')
    page.get_by_role("button", name="POST").click()
    expect(page.get_by_label("Response")).to_contain_text("HTTP 400 Bad Request")
    complaints.clear()


def test_it_leads_to_our_sign_in(page, alice, complaints):
    page.goto("/v1/people/")
    complaints.clear()
    assert_accessible(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Response")).to_contain_text("alice@example.com")


def test_it_makes_a_system_and_a_credential(page, alice, sign_in, complaints):
    sign_in(alice.email, PASSWORD)
    page.goto("/v1/dynamic/systems/")
    shop = {"slug": "shop", "name": "Shop", "base_url": "https://shop.example"}
    shop |= {"auth_type": "header", "auth": {"name": "X-Api-Key"}}
    page.get_by_label("Content").fill(json.dumps(shop))
    page.get_by_role("button", name="POST").click()
    expect(page.get_by_label("Response")).to_contain_text("HTTP 201 Created")

    page.goto("/v1/dynamic/systems/shop/credentials/")
    page.get_by_label("Content").fill('{"name": "live", "values": {"secret": "canary-31c8"}}')
    page.get_by_role("button", name="POST").click()
    expect(page.get_by_label("Response")).to_contain_text("HTTP 201 Created")
    assert "canary-31c8" not in page.get_by_label("Response").inner_text()
    page.goto("/v1/dynamic/systems/shop/")
    assert_accessible(page)
