import datetime
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.test_lock_out import NOW, fail
from tests.accounts.test_password_change import NEW, is_signed_in
from tests.accounts.test_sign_in import sign_in, signed_in


def ask(client, email, **headers):
    return client.post(reverse("account_reset_password"), {"email": email}, headers=headers)


def link(mail, settings):
    url = re.search(r"https?://\S+", mail.body)[0]
    assert url.startswith(settings.SITE_URL)
    return url.removeprefix(settings.SITE_URL)


def choose(client, path, password=NEW):
    form = client.get(path, follow=True)
    return client.post(
        form.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True
    )


def test_it_lets_a_person_choose_a_new_password_through_the_mailed_link(
    client, alice, mailoutbox, settings
):
    ask(client, alice.email)
    assert mailoutbox[0].to == [alice.email]
    assert mailoutbox[0].subject == "Choose a new password for Integrator"
    assert "Your password is changed" in choose(client, link(mailoutbox[0], settings)).text
    sign_in(client, alice.email, NEW)
    assert signed_in(client)


def test_it_ends_all_sessions_and_signs_nobody_in(client, alice, mailoutbox, settings):
    other = Client()
    sign_in(other, alice.email)
    ask(client, alice.email)
    choose(client, link(mailoutbox[0], settings))
    assert not is_signed_in(other)
    assert not signed_in(client)


def test_it_takes_a_link_once(client, alice, mailoutbox, settings):
    ask(client, alice.email)
    path = link(mailoutbox[0], settings)
    choose(client, path)
    assert "This link is not valid" in Client().get(path).text


def test_it_takes_a_link_for_one_day(client, alice, mailoutbox, settings):
    with time_machine.travel(NOW) as clock:
        ask(client, alice.email)
        path = link(mailoutbox[0], settings)
        clock.shift(datetime.timedelta(hours=23))
        assert "New password" in Client().get(path, follow=True).text
        clock.shift(datetime.timedelta(hours=2))
        assert "This link is not valid" in Client().get(path, follow=True).text


@pytest.mark.parametrize("key", ["1-abc", "zz-set-password", "1-set-password"])
def test_it_refuses_a_link_that_nobody_was_mailed(client, alice, key):
    response = client.get(f"{reverse('account_reset_password')}{key}/")
    assert "This link is not valid" in response.text


def test_it_says_the_same_whether_or_not_there_is_an_account(client, alice, mailoutbox):
    known, unknown = ask(client, alice.email), ask(client, "o'brien+x@example.com")
    assert known.url == unknown.url
    assert (known.status_code, unknown.status_code) == (302, 302)
    assert "o'brien+x@example.com" in mailoutbox[1].body
    assert "http" not in mailoutbox[1].body


def test_it_mails_no_link_for_an_account_that_is_switched_off(client, alice, mailoutbox):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    ask(client, alice.email)
    assert "http" not in mailoutbox[0].body


def test_it_mails_links_to_this_site_whatever_the_host_header_says(
    client, alice, mailoutbox, settings
):
    ask(client, alice.email, host="localhost:666")
    assert ":666" not in mailoutbox[0].body
    assert settings.SITE_URL in mailoutbox[0].body


def test_it_lifts_a_lock_out(client, alice, mailoutbox, settings):
    fail(client, alice.email)
    ask(client, alice.email)
    choose(client, link(mailoutbox[0], settings))
    sign_in(client, alice.email, NEW)
    assert signed_in(client)


def test_it_does_not_know_an_address_that_an_operator_has_replaced(
    client, alice, mailoutbox, settings
):
    ask(client, alice.email)
    alice.email = "alice@new.example.com"
    alice.save()
    assert "This link is not valid" in client.get(link(mailoutbox[0], settings)).text
    ask(client, "alice@example.com")
    assert "There is no account" in mailoutbox[1].body
    sign_in(client, "alice@example.com")
    assert not signed_in(client)


def test_it_mails_one_address_a_few_times_an_hour_only(client, alice, mailoutbox):
    answers = [ask(client, alice.email).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(mailoutbox) == 5
