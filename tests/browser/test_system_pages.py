"""The journey of a system: made on a page with its first credential, tried, changed, put away."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dynamic.models import ApiCall, Health, IssuedToken, System
from dynamic.models.authentication import authentication
from tests.browser.accessibility import assert_accessible
from tests.dynamic.conftest import upstream, upstream_process, workshop
from tests.upstream import WAREHOUSE

__all__ = ["upstream", "upstream_process", "workshop"]

pytestmark = pytest.mark.browser

LIST, NEW = "/systems/", "/systems/new/"
LONG_NAME = "The warehouse of the Rotterdam branch, its stock, its prices, its places".ljust(
    100, "!"
)
LONG_URL = f"https://api.example.com/{'a-very-long-path/' * 28}"
CODE = {
    "authorize_url": "https://shop.example.com/authorize",
    "token_url": "https://shop.example.com/token",
}


@pytest.fixture
def signed_in(page, alice, come_in):
    come_in(alice)
    return page


def test_it_makes_a_system_and_tries_its_connection(signed_in, alice, upstream):
    page = signed_in
    page.goto(LIST)
    page.get_by_role("link", name="New system").click()
    page.get_by_role("link", name="Basic: user name and password").click()
    page.get_by_label("Name", exact=True).fill("Warehouse")
    page.get_by_label("Base URL").fill(f"{upstream.url}/warehouse")
    page.get_by_label("User name").fill(WAREHOUSE[0])
    page.get_by_label("Password").fill(WAREHOUSE[1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Warehouse")

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Health check path").fill("/stock")
    page.get_by_role("button", name="Add row to Headers").click()
    page.get_by_role("textbox", name="Key, row 1 of Headers").fill("X-Tenant")
    page.get_by_role("textbox", name="Value, row 1 of Headers").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("“Warehouse” is saved")
    system = alice.systems.get()
    assert system.common_headers == [{"label": "", "key": "X-Tenant", "value": "7"}]

    page.get_by_role("link", name="Test default").click()
    page.get_by_role("button", name="Test connection").click()
    result = page.get_by_role("region", name="Result")
    expect(result.get_by_role("status")).to_contain_text("Answered 200")
    expect(result).to_contain_text("/warehouse/stock")
    assert WAREHOUSE[1] not in page.content()
    assert upstream.requests_to("/warehouse/stock")


def test_it_writes_token_calls_without_losing_what_was_typed(signed_in, alice):
    page = signed_in
    page.goto(f"{NEW}?type=token")
    page.get_by_label("Name", exact=True).fill("ERP")
    page.get_by_label("Base URL").fill("https://erp.example.com")
    first = page.get_by_role("group", name="Token call 1")
    first.get_by_label("URL", exact=True).fill("/session")
    first.get_by_label("Body").select_option("json")
    first.get_by_label("JSON", exact=True).fill('{"user": "{{ credential.user }}"}')
    page.get_by_role("button", name="Add a call").click()
    expect(first.get_by_label("JSON", exact=True)).to_have_value(
        '{"user": "{{ credential.user }}"}'
    )
    second = page.get_by_role("group", name="Token call 2")
    second.get_by_label("Call name").fill("token")
    second.get_by_label("URL", exact=True).fill("/token")
    page.keyboard.press("Enter")  # creates it: a button that adds a call is not what Enter presses
    expect(page.get_by_role("heading", level=1)).to_have_text("ERP")
    calls = alice.systems.get().auth["calls"]
    assert [call["url"] for call in calls] == ["/session", "/token"]


def test_it_chooses_the_default_deletes_and_archives(signed_in, workshop):
    page = signed_in
    system = workshop.system("shop", auth_type="basic", values={"username": "a", "secret": "b"})
    workshop.credential(system, {"username": "c", "secret": "d"}, name="second", is_default=False)
    page.goto("/systems/shop/")
    page.get_by_role("button", name="Make default second").click()
    expect(page.get_by_role("status").first).to_contain_text("use “second” now")
    page.get_by_role("link", name="Delete default").click()
    page.get_by_role("button", name="Delete this credential").click()
    expect(page.get_by_role("status").first).to_contain_text("is deleted")
    page.get_by_role("link", name="Archive this system…").click()
    page.get_by_role("button", name="Archive this system").click()
    page.get_by_role("link", name="Archived systems (1)").click()
    page.get_by_role("link", name="shop").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status").first).to_contain_text("is restored")


def test_it_can_be_used_by_all(signed_in, workshop, alice):
    page = signed_in
    page.goto(LIST)
    assert_accessible(page)
    plain = workshop.system("plain", health_minutes=5, description="Ask Piet.")
    System.objects.filter(pk=plain.pk).update(name=LONG_NAME, base_url=LONG_URL)
    Health.objects.create(system=plain, is_up=False, message="It does not answer.")
    ApiCall.objects.create(system=plain, slug="call", name=LONG_NAME, path=f"/{'places/' * 40}")
    secrets = {"client_id": "us", "client_secret": "secret"}
    shops = workshop.system("shops", auth_type="oauth2_code", auth=CODE, values=secrets)
    held = shops.credentials.get()
    ends = (timezone.now() + timedelta(hours=1)).timestamp()
    made_for = authentication(shops, held).recipe.made_for
    IssuedToken.objects.create(credential=held, made_for=made_for, version="1", expires_at=ends)
    workshop.credential(shops, secrets, name="W" * 50, is_default=False)
    erp = workshop.system(
        "erp", auth_type="token", auth={"calls": [{"url": "/login"}]}, values={"user": "a"}
    )
    old = workshop.system("old")
    System.objects.filter(pk=old.pk).update(archived_at=timezone.now())
    for path in (
        LIST,
        f"{LIST}?q=nothing+of+this",
        f"{LIST}?archived",
        NEW,
        f"{NEW}?type=oauth2_code",
        "/systems/plain/",
        "/systems/shops/",
        "/systems/old/",
        "/systems/erp/edit/",
        "/systems/erp/authentication/?type=oauth1",
        "/systems/plain/archive/",
        "/systems/erp/test/",
        f"/systems/shops/credentials/{held.pk}/",
        f"/systems/shops/credentials/{held.pk}/delete/",
        f"/systems/erp/credentials/{erp.credentials.get().pk}/",
    ):
        page.goto(path)
        assert_accessible(page)
    for path, button in {
        f"{NEW}?type=token": "Create system",
        "/systems/erp/credentials/new/": "Save",
        "/systems/erp/authentication/": "Add a call",
        "/systems/shops/": "Connect again default",
        "/systems/erp/test/": "Test connection",
    }.items():
        page.goto(path)
        page.get_by_role("button", name=button).click()
        assert_accessible(page)
