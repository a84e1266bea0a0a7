import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
NEW = "another long sentence"


def test_it_signs_in_and_out(page, alice, sign_in):
    sign_in(alice.email, PASSWORD)
    expect(page).to_have_url(re.compile("/account/api-keys/$"))
    page.get_by_text("Alice", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/")
    expect(page).to_have_url(re.compile(r"/account/sign-in/\?next=/account/$"))


def test_it_says_that_a_password_is_wrong_and_then_that_one_must_wait(page, alice, sign_in):
    for _ in range(5):
        sign_in(alice.email, "not the password")
        expect(page.get_by_role("alert")).to_have_text(
            "The e-mail address or the password is wrong."
        )
    sign_in(alice.email, PASSWORD)
    expect(page.get_by_role("alert")).to_have_text(
        "Too many wrong passwords. Wait 5 minutes, then try again."
    )


def test_it_changes_the_password(page, alice, sign_in):
    sign_in(alice.email, PASSWORD)
    page.goto("/account/password/")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password, again").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status").first).to_have_text("Your password is changed.")
    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_it_resets_the_password_through_the_mailed_link(page, alice, sign_in, mailoutbox):
    page.goto("/account/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(alice.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    page.goto(re.search(r"http://\S+", mailoutbox[0].body)[0])
    assert_accessible(page)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password, again").fill(NEW)
    page.get_by_role("button", name="Save the new password").click()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    sign_in(alice.email, NEW)
    expect(page).to_have_url(re.compile("/account/api-keys/$"))


def test_it_closes_the_menu_with_escape_and_with_a_click_elsewhere(page, alice, come_in):
    come_in(alice)
    page.goto("/account/")
    settings = page.get_by_role("link", name="Account settings")
    for close in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_role("heading", name="Profile").click(),
    ):
        page.get_by_text("Alice", exact=True).click()
        expect(settings).to_be_visible()
        close()
        expect(settings).to_be_hidden()


def test_it_lets_the_keyboard_skip_to_the_content(page, db):
    page.goto("/account/sign-in/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_it_can_be_used_by_all_before_the_sign_in(page, db):
    for path in (
        "sign-in/",
        "sign-up/",
        "switched-off/",
        "password/reset/",
        "password/reset/sent/",
        "password/reset/changed/",
        "password/reset/1-wrong/",
    ):
        page.goto(f"/account/{path}")
        assert_accessible(page)


def test_it_can_be_used_by_all_after_the_sign_in(page, olga, come_in):
    come_in(olga)
    for path in ("/account/", "/account/password/", "/account/sign-out/"):
        page.goto(path)
        assert_accessible(page)
    page.get_by_text("Olga", exact=True).click()
    assert_accessible(page)


def test_it_can_be_used_by_all_when_something_is_wrong(page, alice, sign_in, complaints):
    sign_in("nobody@example.com", "not the password")
    assert_accessible(page)
    sign_in(alice.email, PASSWORD)
    page.goto("/account/password/")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    assert_accessible(page)
    page.goto("/no/such/page/")
    complaints.clear()
    assert_accessible(page)


def test_it_shows_the_admin_within_our_content_security_policy(page, olga, come_in):
    come_in(olga)
    for path in ("", "accounts/user/", "accounts/user/add/", f"accounts/user/{olga.pk}/change/"):
        page.goto(f"/admin/{path}")
        expect(page.get_by_role("link", name="Integrator")).to_be_visible()
