"""The audit is append-only: in the ORM, in the admin and in the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from apikeys.models import Key, KeyEvent
from apikeys.models.event import AppendOnly


@pytest.fixture
def event(alice):
    return Key.objects.issue(alice, "K", "access_token", 1)[0].events.get()


def test_it_refuses_changes_through_the_orm(event):
    event.kind = "revoked"
    for act in (event.save, event.delete, KeyEvent.objects.all().delete):
        with pytest.raises(AppendOnly):
            act()
    with pytest.raises(AppendOnly):
        KeyEvent.objects.update(kind="revoked")


@pytest.mark.parametrize("column", ["kind", "at", "address", "reason", "public_id", "detail"])
def test_it_refuses_changes_in_the_database(event, column):
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(f"UPDATE apikeys_keyevent SET {column} = {column}")  # noqa: S608


def test_it_outlives_its_key(event):
    event.key.delete()
    kept = KeyEvent.objects.get()
    assert (kept.key, kept.public_id) == (None, event.public_id)


def test_it_goes_with_its_owner(event, alice):
    alice.delete()
    assert not KeyEvent.objects.exists()


def test_it_forgets_who_acted_when_that_person_goes(alice, olga):
    key, _ = Key.objects.issue(alice, "K", "access_token", 1)
    key.revoke(olga)
    olga.delete()
    assert key.events.get(kind="revoked").actor is None


class TestAdmin:
    def test_it_can_be_searched_and_not_changed(self, client, olga, event):
        client.force_login(olga)
        page = client.get("/admin/apikeys/keyevent/", {"q": "alice@example.com"})
        assert event.public_id in page.content.decode()
        assert client.get("/admin/apikeys/keyevent/add/").status_code == 403
        url = f"/admin/apikeys/keyevent/{event.pk}/"
        assert client.post(f"{url}delete/", {"post": "yes"}).status_code == 403
        client.post(f"{url}change/", {"kind": "revoked"})
        assert KeyEvent.objects.get().kind == "created"

    def test_it_lists_keys_in_each_state(self, client, olga, alice):
        key, _ = Key.objects.issue(alice, "Old one", "access_token", 1)
        key.rotate(alice, grace_hours=1)
        client.force_login(olga)
        for state, there in (("live", False), ("replaced", True), ("retired", False)):
            page = client.get("/admin/apikeys/key/", {"state": state}).content.decode()
            assert (key.public_id in page) == there
        assert client.get(f"/admin/apikeys/key/{key.pk}/change/").status_code == 200
