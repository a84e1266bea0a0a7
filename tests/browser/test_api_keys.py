"""The journey of a key: made on a page, shown once, used by a machine, ended on a page."""

import json
import re
import shlex
import urllib.request
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from apikeys.models import Key, KeyUse
from dynamic.listener import loop_thread
from dynamic.models import Flow, Pipe
from tests.browser.accessibility import assert_accessible
from tests.browser.appearance import in_every_look
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

LIST, NEW = "/account/api-keys/", "/account/api-keys/new/"
ONE_LONG_WORD = "W" * 100
LONG_NAME = (
    "The key by which the Rotterdam warehouse asks for stock, prices and orders at night".ljust(
        100, "!"
    )
)


@pytest.fixture
def signed_in(page, alice, come_in):
    come_in(alice)
    page.goto(LIST)
    return page


@pytest.fixture
def pipe(transactional_db, alice):
    flow = Flow.objects.create(
        owner=alice,
        slug="hello",
        name="Hello",
        draft='version: 1\nsteps:\n  - return: {body: {hello: "{{ query.name }}"}}\n',
    )
    flow.publish()
    yield Pipe.objects.create(owner=alice, name="Hello", flow=flow)
    # Its threads use the database, which pytest-django locks between tests.
    loop_thread.close()


def fill(page, *, name="ERP, live", kind="Access token", days="30", password=PASSWORD):
    page.get_by_label("Token Name").fill(name)
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("Days", exact=True).fill(days)
    page.get_by_label("Password").fill(password)


def create(page, **fields):
    page.goto(NEW)
    fill(page, **fields)
    page.get_by_role("button", name="Create token").click()


def secret_on(page):
    expect(page.get_by_role("heading", level=1)).to_contain_text("is ready")
    return page.locator("#secret").inner_text()


def row_of(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def tab_to(page, control):
    for _ in range(30):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The Tab key does not lead to {control}.")


def call(url, text):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {text}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status, json.load(response)


def test_it_makes_a_key_and_shows_it_once(signed_in, alice):
    page = signed_in
    page.get_by_text("Alice", exact=True).click()
    page.get_by_role("link", name="Account settings").click()
    settings = page.get_by_role("navigation", name="Account Settings")
    settings.get_by_role("link", name="API Keys").click()
    expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()

    page.get_by_role("link", name="Create New Token").click()
    fill(page, name="ERP, live", days="30")
    page.get_by_role("button", name="Create token").click()
    text = secret_on(page)
    assert re.fullmatch(r"dik_\w{60}", text)

    page.get_by_role("link", name="I have copied it").click()
    expect(row_of(page, "ERP, live")).to_contain_text("live")
    expect(row_of(page, "ERP, live")).to_contain_text(alice.keys.get().prefix)
    assert text not in page.content()


@pytest.mark.parametrize("kind", ["Access token", "JWT"])
def test_it_makes_a_key_that_calls_a_pipe(signed_in, pipe, kind):
    create(signed_in, kind=kind)
    assert call(f"{pipe.url}?name=Ada", secret_on(signed_in)) == (200, {"hello": "Ada"})


def test_it_shows_a_command_that_calls_a_pipe(signed_in, pipe):
    create(signed_in)
    command = signed_in.locator("#curl").text_content().replace("\\\n", "")
    curl, option, header, url = shlex.split(command)
    assert (curl, option, url) == ("curl", "-H", pipe.url)
    assert header == f"Authorization: Bearer {secret_on(signed_in)}"


def test_it_shows_how_to_call_a_pipe_that_takes_no_get(signed_in, pipe):
    Pipe.objects.update(methods=["PUT"])
    create(signed_in)
    expect(signed_in.locator("#curl")).to_contain_text(
        "' -X PUT -H 'Content-Type: application/json' -d '{}' \\"
    )


def test_it_copies_the_key_and_the_command(signed_in):
    page = signed_in
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    create(page)
    for name, source in {"Copy the key": "#secret", "Copy the command": "#curl"}.items():
        button = page.get_by_role("button", name=name)
        button.click()
        expect(button).to_have_text("Copied")
        expect(page.locator("#announcer")).to_have_text("Copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator(source).text_content().strip()


def test_it_selects_the_key_where_there_is_no_clipboard(signed_in):
    page = signed_in
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    create(page)
    button = page.get_by_role("button", name="Copy the key")
    button.click()
    expect(button).to_have_text("Selected")
    assert page.evaluate("getSelection().toString()") == secret_on(page)


def test_it_neither_shows_nor_makes_a_key_again_when_one_goes_back(signed_in, alice, complaints):
    page = signed_in
    create(page)
    text = secret_on(page)
    page.get_by_role("link", name="I have copied it").click()
    expect(row_of(page, "ERP, live")).to_be_visible()
    # The page was never stored: Chromium asks whether to send the form again.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    expect(page.get_by_text("Confirm Form Resubmission")).to_be_visible()
    assert text not in page.content()
    # One further back is the form, without the password.
    page.go_back()
    expect(page.get_by_label("Password")).to_have_value("")
    complaints.clear()
    assert alice.keys.count() == 1


def test_it_makes_no_second_key_when_the_page_is_loaded_again(signed_in, alice):
    page = signed_in
    create(page)
    text = secret_on(page)
    page.reload()
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    expect(page.get_by_role("status").first).to_contain_text("has made its key already")
    assert text not in page.content()
    assert alice.keys.count() == 1


def test_it_warns_before_it_makes_a_key_that_never_expires(signed_in, alice):
    page = signed_in
    create(page, days="0")
    expect(page.get_by_text("works until somebody revokes it")).to_be_visible()
    box = page.get_by_label("I understand. Make a key that never expires.")
    expect(box).not_to_be_checked()
    expect(page.get_by_label("Token Name")).to_have_value("ERP, live")
    assert not alice.keys.exists()

    box.check()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("It never expires")).to_be_visible()
    page.get_by_role("link", name="I have copied it").click()
    expect(row_of(page, "ERP, live")).to_contain_text("never")


def test_it_keeps_the_other_fields_when_the_password_is_wrong(signed_in, alice):
    page = signed_in
    create(page, kind="JWT", days="7", password="not the password")
    expect(page.get_by_text("This is not the password of your account.")).to_be_visible()
    expect(page.get_by_label("Token Name")).to_have_value("ERP, live")
    expect(page.get_by_label("JWT", exact=True)).to_be_checked()
    expect(page.get_by_label("Days", exact=True)).to_have_value("7")
    expect(page.get_by_label("Password")).to_have_value("")
    assert not alice.keys.exists()

    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create token").click()
    assert secret_on(page).count(".") == 2
    assert alice.keys.get().kind == "jwt"


def test_it_asks_before_it_revokes(signed_in, alice):
    page = signed_in
    key, _ = Key.objects.issue(alice, "Old", "access_token", 1)
    page.goto(LIST)
    page.get_by_role("link", name="Revoke Old").click()
    page.get_by_role("link", name="Keep it").click()
    expect(row_of(page, "Old")).to_contain_text("live")

    page.get_by_role("link", name="Revoke Old").click()
    page.get_by_role("button", name="Revoke this key").click()
    expect(page.get_by_role("status").first).to_contain_text("“Old” is revoked.")
    expect(row_of(page, "Old")).to_contain_text("revoked")
    expect(page.get_by_role("link", name="Revoke Old")).to_have_count(0)
    key.refresh_from_db()
    assert key.state == "revoked"


def test_it_needs_no_mouse(signed_in, alice):
    page = signed_in
    tab_to(page, page.get_by_role("link", name="Create New Token"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Token Name"))
    page.keyboard.type("By hand")
    tab_to(page, page.get_by_label("Access token", exact=True))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_label("Days", exact=True))
    page.keyboard.type("12")
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("“By hand” is ready")
    copy = page.get_by_role("button", name="Copy the key")
    tab_to(page, copy)
    page.keyboard.press("Enter")
    expect(copy).to_have_text(re.compile("Copied|Selected"))
    tab_to(page, page.get_by_role("link", name="I have copied it"))
    page.keyboard.press("Enter")
    expect(row_of(page, "By hand")).to_be_visible()
    key = alice.keys.get()
    assert key.kind == "jwt"
    assert key.expires_at - key.created_at == timedelta(days=12)


def test_it_can_be_used_by_all_while_a_key_is_made(signed_in, alice):
    page = signed_in
    expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()
    assert_accessible(page)
    page.goto(NEW)
    assert_accessible(page)
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    assert_accessible(page)
    create(page, days="0")
    expect(page.get_by_text("works until somebody revokes it")).to_be_visible()
    assert_accessible(page)
    for kind in ("Access token", "JWT"):
        create(page, kind=kind, name=ONE_LONG_WORD)
        secret_on(page)
        assert_accessible(page)


def test_it_can_be_used_by_all_when_there_are_keys(signed_in, alice):
    page, past = signed_in, timezone.now() - timedelta(days=1)
    names = ["Live", "Never", "Expired", "Revoked", ONE_LONG_WORD, LONG_NAME]
    keys = [Key.objects.issue(alice, name, "jwt", 1)[0] for name in names]
    Key.objects.filter(name="Never").update(expires_at=None)
    Key.objects.filter(name="Expired").update(expires_at=past)
    Key.objects.filter(name="Revoked").update(revoked_at=past)
    KeyUse.objects.create(key=keys[0], last_used_at=past, address="203.0.113.7", place="header")
    page.goto(LIST)
    for name in names:
        expect(row_of(page, name)).to_be_visible()
    assert_accessible(page)
    for name in ("Live", ONE_LONG_WORD):
        page.goto(LIST)
        page.get_by_role("link", name=f"Revoke {name}").click()
        expect(page.get_by_role("button", name="Revoke this key")).to_be_visible()
        assert_accessible(page)


def test_it_lists_two_hundred_keys_without_scrolling_them_sideways(signed_in, alice):
    page = signed_in
    for number in range(200):
        Key.objects.issue(alice, f"Store {number}", "access_token", 90)
    for look in in_every_look(page):
        page.goto(LIST)
        expect(page.get_by_role("rowheader")).to_have_count(200)
        region = page.get_by_role("region")
        assert not region.evaluate("box => box.scrollWidth > box.clientWidth"), look
        page.get_by_role("link", name="Revoke Store 0", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Revoke “Store 0”?")
