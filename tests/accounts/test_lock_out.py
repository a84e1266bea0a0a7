import datetime
import uuid

import pytest
import redis
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import reverse

from accounts import passwords
from tests.accounts.test_sign_in import errors, sign_in, signed_in
from tests.conftest import PASSWORD

LOCKED = "Too many wrong passwords. Wait 5 minutes, then try again."
NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def fail(client, email, times=5, **headers):
    for _ in range(times):
        sign_in(client, email, "not the password", **headers)


def post(person):
    request = RequestFactory().post("/account/api-keys/new/")
    request.user = person
    return request


def test_it_refuses_the_right_password_after_five_wrong_ones_and_says_why(client, alice):
    fail(client, alice.email)
    response = sign_in(client, alice.email)
    assert errors(response)["__all__"][0]["message"] == LOCKED
    assert LOCKED in response.text
    assert not signed_in(client)


def test_it_takes_the_right_password_after_four_wrong_ones(client, alice):
    fail(client, alice.email, 4)
    sign_in(client, alice.email)
    assert signed_in(client)


def test_it_takes_the_right_password_again_when_the_said_time_is_over(client, alice):
    with time_machine.travel(NOW) as clock:
        fail(client, alice.email)
        clock.shift(datetime.timedelta(minutes=4, seconds=50))
        sign_in(client, alice.email)
        assert not signed_in(client)
        clock.shift(datetime.timedelta(seconds=20))
        sign_in(client, alice.email)
        assert signed_in(client)


def test_it_locks_an_unknown_address_in_the_same_way(client, db):
    fail(client, "nobody@example.com")
    response = sign_in(client, "nobody@example.com")
    assert errors(response)["__all__"][0]["message"] == LOCKED


def test_it_does_not_start_anew_for_another_spelling(client, alice):
    fail(client, "ALICE@example.com", 3)
    fail(client, " alice@Example.com", 2)
    sign_in(client, alice.email)
    assert not signed_in(client)


def test_it_does_not_start_anew_for_another_port_in_the_host_header(client, alice):
    for port in range(1, 6):
        sign_in(client, alice.email, "not the password", host=f"testserver:{port}")
    sign_in(client, alice.email, host="testserver:99")
    assert not signed_in(client)


def test_it_locks_out_one_person_and_not_another(client, alice, bob):
    fail(client, alice.email)
    sign_in(client, bob.email)
    assert signed_in(client)


def test_it_stops_an_address_that_tries_one_password_on_many_people(client, alice):
    for number in range(20):
        sign_in(client, f"person{number}@example.com", "Spring2026!")
    assert errors(sign_in(client, alice.email))["__all__"][0]["message"] == LOCKED
    client.post(
        reverse("account_login"),
        {"login": alice.email, "password": PASSWORD},
        REMOTE_ADDR="198.51.100.7",
    )
    assert signed_in(client)


def test_it_does_not_forget_wrong_passwords_when_a_right_one_comes_between(client, alice, bob):
    fail(client, alice.email, 4)
    sign_in(client, alice.email)
    client.logout()
    fail(client, alice.email, 1)
    sign_in(client, alice.email)
    assert not signed_in(client)


def test_it_counts_a_wrong_confirmation_as_a_failed_sign_in(client, alice):
    for _ in range(5):
        assert not passwords.confirm(post(alice), "not the password")
    sign_in(client, alice.email)
    assert not signed_in(client)


def test_it_refuses_to_confirm_after_failed_sign_ins(client, alice):
    fail(client, alice.email)
    with pytest.raises(passwords.LockedOut, match=r"Wait 5 minutes, then try again\."):
        passwords.confirm(post(alice), PASSWORD)


def test_it_does_not_count_a_right_confirmation(alice):
    assert all(passwords.confirm(post(alice), PASSWORD) for _ in range(7))


def test_it_confirms_only_the_password_of_the_person_who_is_signed_in(alice, bob):
    bob.set_password("the other password of bob")
    bob.save()
    assert not passwords.confirm(post(bob), PASSWORD)
    # allauth looks into this table, too; we keep nothing there.
    EmailAddress.objects.create(user=alice, email=bob.email)
    assert not passwords.confirm(post(bob), PASSWORD)


def test_it_confirms_nothing_on_get_where_guesses_would_not_count(alice):
    request = RequestFactory().get("/")
    request.user = alice
    with pytest.raises(ValueError, match="POST"):
        passwords.confirm(request, PASSWORD)


def test_it_counts_a_wrong_current_password_at_the_password_change(client, alice):
    client.force_login(alice)
    data = {
        "oldpassword": "wrong",
        "password1": "a long new one 1",
        "password2": "a long new one 1",
    }
    for _ in range(5):
        client.post(reverse("account_change_password"), data)
    with pytest.raises(passwords.LockedOut):
        passwords.confirm(post(alice), PASSWORD)


def test_it_counts_in_redis_where_there_is_one(client, settings, alice):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:6379/9",
            "KEY_PREFIX": uuid.uuid4().hex,
        }
    }
    try:
        cache.set("there", 1, 60)
    except redis.RedisError:
        pytest.skip("There is no Redis on this machine.")
    fail(client, alice.email)
    assert errors(sign_in(client, alice.email))["__all__"][0]["message"] == LOCKED
