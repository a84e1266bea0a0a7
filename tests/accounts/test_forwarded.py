"""Behind a proxy Django sees the caller's address; in front of one nobody can pretend."""

import pytest
from django.urls import reverse

from accounts.client_address import Proxies
from apikeys.models import Key
from tests.conftest import PASSWORD

CALLER = "203.0.113.7"


@pytest.fixture
def behind_a_proxy(settings):
    settings.PROXIES = Proxies.parse(["127.0.0.1"])
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def revoke(client, owner, **headers):
    key, _ = Key.objects.issue(owner, "K", "access_token", 1)
    client.force_login(owner)
    client.post(reverse("apikeys:revoke", args=[key.public_id]), headers=headers)
    return key.events.get(kind="revoked").address


def test_it_notes_the_callers_address(client, alice, behind_a_proxy):
    assert revoke(client, alice, X_Forwarded_For=CALLER) == CALLER


def test_it_believes_no_stranger(client, alice):
    assert revoke(client, alice, X_Forwarded_For=CALLER) == "127.0.0.1"


@pytest.mark.parametrize(("peer", "secure"), [("127.0.0.1", True), ("198.51.100.1", False)])
def test_it_believes_in_https_only_the_proxy(client, db, settings, behind_a_proxy, peer, secure):
    settings.SECURE_SSL_REDIRECT = True
    page = client.get(
        reverse("account_login"), headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR=peer
    )
    assert (page.status_code == 200) == secure


def test_it_locks_out_whatever_address_is_pretended(client, alice):
    for number in range(30):
        response = client.post(
            reverse("account_login"),
            {"login": f"somebody{number}@example.com", "password": "wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )
    assert "Too many wrong passwords" in response.content.decode()
    right = {"login": alice.email, "password": PASSWORD}
    client.post(reverse("account_login"), right, headers={"X-Forwarded-For": "192.0.2.1"})
    assert "_auth_user_id" not in client.session
