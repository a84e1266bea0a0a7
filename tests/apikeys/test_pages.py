"""Account Settings > API Keys, as Alice uses it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apikeys import tokens
from apikeys.models import Key
from tests.conftest import PASSWORD

# What the browser sends of the limits when nobody touched them.
EVERYTHING = {"which_pipes": "all", "can_read": "on", "can_write": "on", "query_allowed": "on"}
NEW, LIST = "/account/api-keys/new/", "/account/api-keys/"


def make(client, **changes):
    form = {"name": "ERP", "kind": "access_token", "days": "30", "password": PASSWORD}
    form["public_id"] = tokens.new_public_id()
    return client.post(NEW, form | EVERYTHING | changes)


def errors_of(response):
    parts = [*response.context["forms"], response.context["grants"], response.context["password"]]
    return {name for part in parts for name in part.errors}


def secret_in(response):
    return re.search(r'<code id="secret">([^<]+)</code>', response.content.decode())[1]


class TestList:
    def test_it_asks_strangers_to_sign_in(self, client):
        response = client.get(LIST)
        assert response.status_code == 302
        assert response.url.startswith("/account/sign-in/")

    def test_it_invites_to_make_the_first_key(self, signed_in):
        assert b"No keys yet" in signed_in.get(LIST).content

    def test_it_shows_ones_own_keys_only(self, signed_in, alice, bob):
        Key.objects.issue(alice, "Mine", "access_token", 0)
        Key.objects.issue(bob, "Somebody else's", "jwt", 1)
        page = signed_in.get(LIST).content.decode()
        assert "Mine" in page
        assert "never" in page
        assert "Somebody" not in page

    def test_it_asks_the_database_the_same_however_many_there_are(
        self, signed_in, alice, django_assert_max_num_queries
    ):
        for number in range(20):
            Key.objects.issue(alice, f"Key {number}", "access_token", 1)
        with django_assert_max_num_queries(4):
            signed_in.get(LIST)


class TestCreate:
    @pytest.mark.parametrize("kind", ["access_token", "jwt"])
    def test_it_shows_the_secret_once_with_a_curl_line(self, signed_in, alice, kind, settings):
        response = make(signed_in, kind=kind)
        text = secret_in(response)
        key = alice.keys.get()
        assert tokens.read(text, settings.JWT_KEYS).public_id == key.public_id
        assert f"curl -H &#x27;Authorization: Bearer {text}" in response.content.decode() or (
            f"curl -H 'Authorization: Bearer {text}" in response.content.decode()
        )
        assert "no-store" in response["Cache-Control"]
        assert text not in signed_in.get(LIST).content.decode()
        assert text not in str(dict(signed_in.session))
        assert text not in str(response.cookies)

    def test_it_makes_one_key_however_often_the_form_is_sent(self, signed_in, alice):
        public_id = tokens.new_public_id()
        text = secret_in(make(signed_in, public_id=public_id))
        again = make(signed_in, public_id=public_id)
        assert again.url == LIST
        page = signed_in.get(LIST).content.decode()
        assert "has made its key already" in page
        assert text not in page
        assert [event.kind for event in alice.keys.get().events.all()] == ["created", "shown"]

    @pytest.mark.parametrize(("days", "expires"), [("1", 1), ("3650", 3650)])
    def test_it_expires_after_the_days_given(self, signed_in, alice, days, expires):
        make(signed_in, days=days)
        left = alice.keys.get().expires_at - timezone.now()
        assert timedelta(days=expires) - timedelta(seconds=60) < left <= timedelta(days=expires)

    def test_it_warns_before_it_makes_one_that_never_expires(self, signed_in, alice):
        page = make(signed_in, days="0").content.decode()
        assert "works until somebody revokes it" in page
        assert not alice.keys.exists()
        make(signed_in, days="0", accept_never="on")
        assert alice.keys.get().expires_at is None

    @pytest.mark.parametrize("days", ["0", "00", "+0", "-0", "0.0", "٠", " 0 "])
    def test_it_warns_however_never_is_spelled(self, signed_in, alice, days):
        assert "works until somebody revokes it" in make(signed_in, days=days).content.decode()
        assert not alice.keys.exists()

    @pytest.mark.parametrize("days", ["", "-1", "3651", "1.5", "soon", "9" * 40])
    def test_it_refuses_other_numbers_of_days(self, signed_in, alice, days):
        response = make(signed_in, days=days)
        assert errors_of(response) == {"days"}
        assert not alice.keys.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": "  "}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"kind": "rsa"}, "kind"),
            ({"password": ""}, "password"),
            ({"public_id": "../.."}, "public_id"),
        ],
    )
    def test_it_says_which_field_is_wrong(self, signed_in, alice, change, field):
        assert errors_of(make(signed_in, **change)) == {field}
        assert not alice.keys.exists()

    def test_it_keeps_the_other_fields_on_a_wrong_password(self, signed_in, alice):
        page = make(signed_in, password="wrong", name="Kept <name>").content.decode()
        assert "Kept &lt;name&gt;" in page
        assert 'value="30"' in page
        assert "wrong" not in re.findall(r'value="([^"]*)"', page)
        assert not alice.keys.exists()

    def test_it_locks_out_after_repeated_wrong_passwords(self, signed_in, alice):
        for _ in range(30):
            page = make(signed_in, password="wrong").content.decode()
            if "Too many wrong passwords" in page:
                break
        assert "Too many wrong passwords" in make(signed_in).content.decode()
        assert not alice.keys.exists()

    def test_it_counts_no_password_of_a_form_that_is_otherwise_wrong(self, signed_in, alice):
        for _ in range(30):
            make(signed_in, password="wrong", days="x")
        assert secret_in(make(signed_in))

    def test_it_wants_the_forgery_token(self, alice):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(alice)
        assert make(client).status_code == 403
        assert not alice.keys.exists()

    def test_it_makes_none_for_a_key(self, client, alice):
        _, text = Key.objects.issue(alice, "Key", "access_token", 1)
        response = client.post(NEW, {}, headers={"Authorization": f"Bearer {text}"})
        assert response.status_code == 302
        assert alice.keys.count() == 1


class TestRevoke:
    def test_it_asks_first_and_then_ends_the_key(self, signed_in, alice):
        key, _ = Key.objects.issue(alice, "Old", "access_token", 1)
        url = reverse("apikeys:revoke", args=[key.public_id])
        assert "Revoke “Old”?" in signed_in.get(url).content.decode()
        assert alice.keys.get().state == "live"
        page = signed_in.post(url, follow=True).content.decode()
        assert "is revoked" in page
        key.refresh_from_db()
        assert key.state == "revoked"
        assert list(key.events.values_list("kind", "actor", "address")) == [
            ("created", None, None),
            ("revoked", alice.pk, "127.0.0.1"),
        ]

    def test_it_stays_revoked_at_the_first_time(self, signed_in, alice):
        key, _ = Key.objects.issue(alice, "Old", "access_token", 1)
        url = reverse("apikeys:revoke", args=[key.public_id])
        signed_in.post(url)
        first = alice.keys.get().revoked_at
        signed_in.post(url)
        assert alice.keys.get().revoked_at == first
        assert key.events.count() == 2

    def test_it_knows_nothing_of_somebody_elses_key(self, signed_in, bob):
        key, _ = Key.objects.issue(bob, "Bob's", "access_token", 1)
        url = reverse("apikeys:revoke", args=[key.public_id])
        assert signed_in.get(url).status_code == 404
        assert signed_in.post(url).status_code == 404
        assert bob.keys.get().state == "live"
