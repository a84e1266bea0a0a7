from django.test import Client
from django.urls import reverse

from tests.accounts.test_sign_in import errors, sign_in, signed_in
from tests.conftest import PASSWORD

NEW = "another long sentence"


def change(client, old=PASSWORD, new=NEW, again=NEW):
    data = {"oldpassword": old, "password1": new, "password2": again}
    return client.post(reverse("account_change_password"), data)


def is_signed_in(client):
    return client.get(reverse("accounts:profile")).status_code == 200


def test_it_asks_for_a_sign_in(client, db):
    page = reverse("account_change_password")
    assert client.get(page).url == f"{reverse('account_login')}?next={page}"


def test_it_changes_the_password(client, alice):
    client.force_login(alice)
    assert change(client).url == reverse("account_change_password")
    fresh = Client()
    sign_in(fresh, alice.email, NEW)
    assert signed_in(fresh)


def test_it_ends_every_other_session_and_keeps_this_one(client, alice):
    other = Client()
    for each in (client, other):
        sign_in(each, alice.email)
    change(client)
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_it_refuses_a_wrong_current_password(client, alice):
    client.force_login(alice)
    wrong = errors(change(client, old="wrong"))
    assert wrong["oldpassword"][0]["message"] == "This is not your current password."


def test_it_refuses_a_weak_password_and_two_that_differ(client, alice):
    client.force_login(alice)
    assert "password1" in errors(change(client, new="password", again="password"))
    assert "password2" in errors(change(client, again="another long sentenc"))
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
