"""The policy on keys: shown against the live keys, then applied by operators."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys import enforcement
from apikeys.enforcement import Affected
from apikeys.models import Key, KeyEvent, KeyUse, Policy, PolicyRefused

URL = "/admin/apikeys/policy/"
STRICT = {"longest_days": 60, "most_keys": 2}


@pytest.fixture
def keys(alice, bob):
    days = {"short": 30, "long": 90, "never": 0}
    keys = {name: Key.objects.issue(alice, name, "access_token", n)[0] for name, n in days.items()}
    ended, _ = Key.objects.issue(bob, "ended", "access_token", 0)
    ended.revoke(None)
    now = timezone.now()
    KeyUse.objects.create(key=keys["short"], last_used_at=now, place="query")
    return keys


def days_left(key):
    key.refresh_from_db()
    return key.expires_at and round((key.expires_at - timezone.now()) / timedelta(days=1))


def test_it_tells_what_it_would_do_and_does_nothing(keys):
    strict = Policy(**STRICT, never_allowed=False, query_allowed=False)
    assert enforcement.affected(strict) == Affected(shortened=2, never=1, people=1, in_query=1)
    assert enforcement.affected(Policy()) == Affected(0, 0, 0, 0)
    assert days_left(keys["long"]) == 90
    assert not Policy.objects.exists()


def test_it_shortens_the_keys_that_live_too_long_and_no_others(keys, olga):
    enforcement.apply(Policy(**STRICT, never_allowed=False), olga, "192.0.2.1")
    assert [days_left(key) for key in keys.values()] == [30, 60, 60]
    event = keys["never"].events.get(kind="changed")
    assert (event.actor, event.address) == (olga, "192.0.2.1")
    assert event.detail["expires_at"][0] is None
    policy_changed = KeyEvent.objects.get(kind="policy_changed")
    assert policy_changed.detail["longest_days"] == [3650, 60]


def test_it_leaves_keys_that_never_expire_where_they_are_allowed(keys, olga):
    enforcement.apply(Policy(**STRICT), olga)
    assert [days_left(key) for key in keys.values()] == [30, 60, None]


def test_it_notes_nothing_where_nothing_changed(olga):
    enforcement.apply(Policy(), olga)
    assert not KeyEvent.objects.exists()


@pytest.mark.parametrize(("days", "field"), [(61, "days"), (0, "days")])
def test_it_refuses_keys_beyond_it(alice, days, field):
    Policy.objects.create(pk=1, **STRICT, never_allowed=False)
    with pytest.raises(PolicyRefused) as refused:
        Key.objects.issue(alice, "K", "access_token", days)
    assert refused.value.field == field


def test_it_counts_no_predecessor_in_its_grace(alice):
    Policy.objects.create(pk=1, **STRICT)
    one, two = (Key.objects.issue(alice, "K", "access_token", 1)[0] for _ in range(2))
    two.rotate(alice, grace_hours=24)
    with pytest.raises(PolicyRefused):
        Key.objects.issue(alice, "K", "access_token", 1)
    one.revoke(alice)
    Key.objects.issue(alice, "K", "access_token", 1)


class TestAdmin:
    def test_it_shows_first_and_then_applies(self, client, olga, keys):
        client.force_login(olga)
        assert b"Show what it would do" in client.get(URL).content
        page = client.post(URL, STRICT).content.decode()
        assert "<b>2</b> live keys would end sooner" in page
        assert days_left(keys["long"]) == 90
        assert b'value="60"' in client.post(URL, STRICT | {"back": ""}).content
        client.post(URL, STRICT | {"apply": ""})
        assert days_left(keys["long"]) == 60
        policy = Policy.objects.get()
        assert (policy.longest_days, policy.never_allowed, policy.query_allowed) == (
            60,
            False,
            False,
        )

    @pytest.mark.parametrize(
        "change", [{"longest_days": 0}, {"longest_days": 3651}, {"most_keys": ""}]
    )
    def test_it_applies_nothing_that_is_wrong(self, client, olga, change):
        client.force_login(olga)
        client.post(URL, STRICT | change | {"apply": ""})
        assert not Policy.objects.exists()

    def test_it_is_for_operators(self, client, alice):
        client.force_login(alice)
        assert client.post(URL, STRICT | {"apply": ""}).status_code == 302
        assert not Policy.objects.exists()

    def test_it_is_not_changed_by_staff_without_the_right(self, client, bob):
        bob.is_staff = True
        bob.save()
        client.force_login(bob)
        client.post(URL, STRICT | {"apply": ""})
        assert not Policy.objects.exists()
