"""Rotation: a new secret with the same rights, and the old one for a while."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apikeys import grants
from apikeys.models import Key, RotationRefused


@pytest.fixture
def key(alice):
    limits = {"can_write": False, "networks": ["10.0.0.0/8"], "calls_per_minute": 7, "pipes": []}
    return Key.objects.issue(alice, "ERP", "access_token", 30, **limits)[0]


@pytest.mark.parametrize("kind", ["access_token", "jwt"])
def test_it_carries_name_kind_days_and_limits_over(alice, kind):
    old, old_text = Key.objects.issue(alice, "ERP", kind, 30, networks=["10.0.0.0/8"])
    new, text = old.rotate(alice, grace_hours=1)
    assert (new.name, new.kind, new.days) == ("ERP", kind, 30)
    assert {name: getattr(new, name) for name in Key.GRANTS} == {
        name: getattr(old, name) for name in Key.GRANTS
    }
    assert text != old_text
    assert (old.state, new.state) == ("replaced", "live")


def test_it_ends_the_old_one_at_once_without_grace(alice, key):
    key.rotate(alice, grace_hours=0)
    assert key.state == "retired"
    assert not Key.objects.live().filter(pk=key.pk).exists()


def test_it_never_lengthens_the_old_ones_life(alice, key):
    soon = timezone.now() + timedelta(hours=1)
    Key.objects.filter(pk=key.pk).update(expires_at=soon)
    key.refresh_from_db()
    key.rotate(alice, grace_hours=168, days=30)
    assert key.ends_at == soon


@pytest.mark.parametrize("hours", [-1, 169])
def test_it_takes_a_grace_of_a_week_at_most(alice, key, hours):
    with pytest.raises(ValueError, match="0 to 168"):
        key.rotate(alice, grace_hours=hours)


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ({"revoked_at": timezone.now()}, "revoked"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"grace_ends_at": timezone.now() - timedelta(days=1)}, "retired"),
        ({"grace_ends_at": timezone.now() + timedelta(days=1)}, "replaced"),
    ],
)
def test_it_replaces_a_live_key_only(alice, key, end, state):
    Key.objects.filter(pk=key.pk).update(**end)
    with pytest.raises(RotationRefused, match=f"This key is {state}"):
        key.rotate(alice, grace_hours=1)
    assert Key.objects.count() == 1


def test_it_keeps_one_live_predecessor_at_most(alice, key):
    second, _ = key.rotate(alice, grace_hours=24)
    with pytest.raises(RotationRefused, match="still works"):
        second.rotate(alice, grace_hours=24)
    key.revoke(alice)
    third, _ = second.rotate(alice, grace_hours=24)
    assert third.predecessor == second


@pytest.mark.django_db(transaction=True)
def test_it_makes_one_successor_however_many_ask_at_once(alice, key):
    outcomes = []

    def rotate():
        try:
            key_again = Key.objects.get(pk=key.pk)
            key_again.rotate(alice, grace_hours=1)
            outcomes.append("made")
        except RotationRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=rotate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused", "refused", "refused"]
    assert Key.objects.count() == 2


class TestNetworks:
    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            (["10.0.0.0/8", "10.0.0.0/8"], ["10.0.0.0/8"]),
            (["192.0.2.1"], ["192.0.2.1/32"]),
            (["2001:DB8::/32"], ["2001:db8::/32"]),
            (["::ffff:10.0.0.0/104"], ["10.0.0.0/8"]),
            (["::ffff:192.0.2.1"], ["192.0.2.1/32"]),
            (["0.0.0.0/0", "::/0"], ["0.0.0.0/0", "::/0"]),
            ([], []),
        ],
    )
    def test_it_keeps_each_in_one_spelling(self, written, kept):
        assert grants.networks(written) == kept

    @pytest.mark.parametrize(
        ("written", "sentence"),
        [
            ("10.0.0.1/8", "did you mean 10.0.0.0/8"),
            ("everywhere", "is not a network"),
            ("10.0.0.0/33", "is not a network"),
            ("fe80::1%eth0", "is not a network"),
            ("", "is not a network"),
        ],
    )
    def test_it_says_what_is_wrong(self, written, sentence):
        with pytest.raises(ValueError, match=sentence):
            grants.networks([written])

    def test_it_takes_a_hundred(self):
        many = [f"10.0.{number}.0/24" for number in range(101)]
        assert len(grants.networks(many[:100])) == 100
        with pytest.raises(ValueError, match="101 networks"):
            grants.networks(many)
