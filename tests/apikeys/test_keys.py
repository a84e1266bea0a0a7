"""The row behind a key."""

import pytest
from django.db import IntegrityError

from apikeys import records
from apikeys.models import Key


def test_it_stores_a_digest_and_nothing_of_the_secret(alice):
    key, text = Key.objects.issue(alice, "K", "access_token", 1)
    row = Key.objects.filter(pk=key.pk).values().get()
    assert len(bytes(row["digest"])) == 32
    assert not [value for value in row.values() if text[15:58] in str(value)]


@pytest.mark.parametrize("days", [-1, 3651])
def test_it_refuses_days_out_of_bounds(alice, days):
    with pytest.raises(ValueError, match="3650"):
        Key.objects.issue(alice, "K", "access_token", days)


def test_it_gives_each_a_public_id_of_its_own(alice):
    first, _ = Key.objects.issue(alice, "K", "access_token", 1)
    second, _ = Key.objects.issue(alice, "K", "access_token", 1)
    assert first.public_id != second.public_id
    second.public_id = first.public_id
    with pytest.raises(IntegrityError):
        second.save()


def test_it_is_loaded_by_one_query(alice, django_assert_num_queries):
    key, _ = Key.objects.issue(alice, "K", "jwt", 1, networks=["10.0.0.0/8"], pipes=["a"])
    with django_assert_num_queries(1):
        record = records.load(key.public_id)
    assert record.owner_active
    assert record.pipes == {"a"}
    assert "digest" not in repr(record)


def test_it_loads_none_for_an_unknown_id(db):
    assert records.load("0000000000") is None


def test_it_lists_the_live_ones(alice):
    live, _ = Key.objects.issue(alice, "live", "access_token", 0)
    revoked, _ = Key.objects.issue(alice, "revoked", "access_token", 1)
    revoked.revoke(alice)
    assert list(Key.objects.live()) == [live]
    assert [live.state, revoked.state] == ["live", "revoked"]
