"""A key's later life, in a browser: limited, changed, replaced, narrowed, ended."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apikeys import denials
from apikeys.models import Key, KeyUse
from tests.browser.accessibility import assert_accessible
from tests.browser.test_api_keys import LIST, LONG_NAME, NEW, fill, row_of, secret_on, signed_in
from tests.conftest import PASSWORD

__all__ = ["signed_in"]

pytestmark = pytest.mark.browser

DOCUMENT = "version: 1\nsteps:\n  - return: {body: 1}\n"


@pytest.fixture
def pipes(transactional_db, alice):
    flow = alice.flows.create(slug="flow", name="Flow", draft=DOCUMENT)
    return [alice.pipes.create(name=name, flow=flow) for name in ("Orders", "Stock", LONG_NAME)]


@pytest.fixture
def key(transactional_db, alice, pipes):
    key, _ = Key.objects.issue(alice, "ERP", "access_token", 30)
    now = timezone.now()
    seen = {"address": "203.0.113.7", "place": "header", "at": now.isoformat()}
    KeyUse.objects.create(
        key=key,
        last_used_at=now,
        address="203.0.113.7",
        place="header",
        count=240,
        addresses=[seen],
        pipes={pipes[0].pk: now.isoformat()},
        read_at=now,
    )
    denial = denials.Denial(key.public_id, "network", "a" * 32, "198.51.100.9", pipes[1].pk, now)
    denials.write([denial])
    return key


def confirm(page, button):
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=button).click()


def test_it_makes_a_limited_key(signed_in, alice, pipes):
    page = signed_in
    page.goto(NEW)
    fill(page)
    page.get_by_text("Limit what it may do").click()
    page.get_by_label("Only these:").check()
    page.get_by_label("Networks").fill("10.0.0.1/8")
    page.get_by_label("May write").uncheck()
    confirm(page, "Create token")
    expect(page.get_by_text("did you mean 10.0.0.0/8?")).to_be_visible()
    expect(page.get_by_text("Tick the pipes it may call")).to_be_visible()
    page.get_by_label("Networks").fill("10.0.0.0/8")
    page.get_by_label("Stock", exact=True).check()
    confirm(page, "Create token")
    secret_on(page)
    key = alice.keys.get()
    assert (key.pipes, key.networks, key.can_write) == ([pipes[1].pk], ["10.0.0.0/8"], False)


def test_it_changes_replaces_and_ends_a_key(signed_in, alice, key):
    page = signed_in
    page.goto(LIST)
    page.get_by_role("link", name="ERP", exact=True).click()
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Token Name").fill("ERP, live")
    confirm(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("ERP, live")

    page.get_by_role("link", name="Replace", exact=True).click()
    confirm(page, "Replace it")
    secret_on(page)
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("has been replaced already")
    assert alice.keys.count() == 2

    page.goto(LIST)
    expect(page.get_by_text("Replaced by")).to_be_visible()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Revoke selected").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke 2 keys?")
    page.get_by_role("button", name="Revoke these keys").click()
    expect(page.get_by_role("status").first).to_contain_text("2 keys are revoked")
    assert {one.state for one in alice.keys.all()} == {"revoked"}


def test_it_ends_all_keys(signed_in, alice, key):
    page = signed_in
    page.goto(LIST)
    page.get_by_role("link", name="Revoke all keys…").click()
    page.get_by_role("button", name="Revoke this key").click()
    expect(row_of(page, "ERP")).to_contain_text("revoked")


def test_it_narrows_a_key(signed_in, pipes, key):
    page = signed_in
    page.goto(f"{LIST}{key.public_id}/")
    expect(page.get_by_text("In 240 calls since")).to_contain_text("“Stock”")
    page.get_by_role("button", name="Take these away").click()
    expect(page.get_by_role("status").first).to_contain_text("what it has done so far")
    key.refresh_from_db()
    assert (key.pipes, key.can_write) == ([pipes[0].pk], False)


def test_it_tells_why_a_call_was_denied(signed_in, key):
    page = signed_in
    page.goto(LIST)
    page.get_by_role("link", name="Why was I denied?").click()
    page.get_by_label("Request-Id").fill("a" * 32)
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_text("outside the key’s networks")).to_be_visible()
    expect(page.get_by_text("Stock")).to_be_visible()


def test_it_can_be_used_by_all(signed_in, alice, key):
    page = signed_in
    key.rotate(alice, grace_hours=24)
    other, _ = Key.objects.issue(alice, LONG_NAME, "jwt", 0, networks=["10.0.0.0/8"] * 3)
    here = f"{LIST}{other.public_id}/"
    for path in (
        LIST,
        f"{LIST}{key.public_id}/",
        here,
        f"{here}change/",
        f"{here}rotate/",
        f"{LIST}revoke/?all",
        f"{LIST}why-denied/?request_id={'a' * 32}",
        f"{LIST}why-denied/?request_id=x",
        f"{LIST}why-denied/?request_id={'b' * 32}",
    ):
        page.goto(path)
        assert_accessible(page)
    page.goto(NEW)
    page.get_by_text("Limit what it may do").click()
    page.get_by_label("Only these:").check()
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("Tick the pipes it may call")).to_be_visible()
    assert_accessible(page)


def test_it_shows_operators_what_a_policy_would_do(page, olga, key, come_in):
    come_in(olga)
    Key.objects.update(expires_at=timezone.now() + timedelta(days=300))
    page.goto("/admin/apikeys/policy/")
    page.get_by_label("Longest lifetime").fill("60")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_text("would end sooner")).to_contain_text("1 live key")
    page.get_by_role("button", name="Apply it").click()
    expect(page.get_by_label("Longest lifetime")).to_have_value("60")
    key.refresh_from_db()
    assert key.days < 61
