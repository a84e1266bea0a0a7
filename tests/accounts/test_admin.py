import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core import mail
from django.urls import reverse

from accounts.models import User
from tests.accounts.test_sign_in import sign_in, signed_in

NEW = "another long sentence"


def test_it_asks_for_a_password_only_at_the_sign_in_that_counts_failures(client, db):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0] == f"{reverse('account_login')}?next=%2Fadmin%2F"


def test_it_refuses_a_password_sent_straight_to_its_own_sign_in(client, olga):
    data = {"username": olga.email, "password": "correct horse battery staple"}
    assert client.post(reverse("admin:login"), data).url.startswith(reverse("account_login"))
    assert not signed_in(client)


def test_it_leaves_the_password_change_to_the_page_that_counts_failures(client, olga):
    client.force_login(olga)
    response = client.get(reverse("admin:password_change"))
    assert response.url == reverse("account_change_password")


def test_it_is_closed_to_people_who_do_not_operate(client, alice):
    client.force_login(alice)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_it_makes_a_person_who_can_sign_in(client, olga):
    client.force_login(olga)
    data = {
        "email": "Dora@Example.com",
        "usable_password": "true",
        "password1": NEW,
        "password2": NEW,
    }
    assert client.post(reverse("admin:accounts_user_add"), data).status_code == 302
    client.logout()
    sign_in(client, "dora@example.com", NEW)
    assert signed_in(client)


def test_it_makes_a_person_who_chooses_the_password_through_a_mailed_link(client, olga):
    client.force_login(olga)
    client.post(
        reverse("admin:accounts_user_add"),
        {"email": "dora@example.com", "usable_password": "false"},
    )
    assert not User.objects.get(email="dora@example.com").has_usable_password()
    client.post(reverse("account_reset_password"), {"email": "dora@example.com"})
    assert "http" in mail.outbox[0].body


def test_it_refuses_an_address_that_differs_only_in_case(client, olga, alice):
    client.force_login(olga)
    data = {
        "email": "ALICE@example.com",
        "usable_password": "true",
        "password1": NEW,
        "password2": NEW,
    }
    response = client.post(reverse("admin:accounts_user_add"), data)
    assert "email" in response.context["adminform"].form.errors


@pytest.mark.parametrize("query", ["", "?q=alice", "?is_active__exact=1", "?o=2"])
def test_it_lists_people(client, olga, alice, query):
    client.force_login(olga)
    page = client.get(reverse("admin:accounts_user_changelist") + query)
    assert "alice@example.com" in page.text


def test_it_changes_a_person_without_showing_the_digest_of_the_password(client, olga, alice):
    client.force_login(olga)
    page = client.get(reverse("admin:accounts_user_change", args=[alice.pk])).text
    assert "alice@example.com" in page
    assert alice.password.rsplit("$", 1)[1] not in page


def test_it_does_not_offer_a_second_table_of_addresses():
    assert not admin.site.is_registered(EmailAddress)
