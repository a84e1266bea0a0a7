import pytest
from django.urls import reverse

from accounts.models import User
from tests.accounts.counting import CountingArgon2
from tests.conftest import PASSWORD

WRONG = "The e-mail address or the password is wrong."


def sign_in(client, email, password=PASSWORD, **headers):
    data = {"login": email, "password": password}
    return client.post(reverse("account_login"), data, headers=headers)


def signed_in(client):
    return "_auth_user_id" in client.session


def errors(response):
    return response.context["form"].errors.get_json_data()


def test_it_leads_to_the_api_keys(client, alice):
    response = sign_in(client, "alice@example.com")
    assert (response.status_code, response.url) == (302, reverse("apikeys:list"))
    assert signed_in(client)


def test_it_takes_the_address_in_any_case_and_with_spaces_around(client, alice):
    sign_in(client, " Alice@Example.COM ")
    assert signed_in(client)


def test_it_goes_on_to_the_page_that_was_asked_for(client, alice):
    page = reverse("account_change_password")
    response = client.get(page)
    assert response.url == f"{reverse('account_login')}?next={page}"
    data = {"login": alice.email, "password": PASSWORD}
    assert client.post(response.url, data).url == page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_it_does_not_go_on_to_another_site(client, alice, elsewhere):
    data = {"login": alice.email, "password": PASSWORD, "next": elsewhere}
    response = client.post(reverse("account_login"), data)
    assert response.status_code == 302
    assert response.url == reverse("apikeys:list")


def test_it_takes_a_new_session(client, alice):
    planted = client.session
    planted.save()
    sign_in(client, alice.email)
    assert signed_in(client)
    assert client.session.session_key != planted.session_key


def test_it_says_the_same_for_an_unknown_address_and_a_wrong_password(client, alice):
    wrong = sign_in(client, alice.email, "not the password")
    unknown = sign_in(client, "nobody@example.com", "not the password")
    assert errors(wrong) == errors(unknown)
    assert errors(wrong)["__all__"][0]["message"] == WRONG
    assert wrong.status_code == unknown.status_code == 200


def test_it_hashes_as_much_for_an_unknown_address_as_for_a_wrong_password(client, settings, alice):
    settings.PASSWORD_HASHERS = ["tests.accounts.counting.CountingArgon2"]
    CountingArgon2.work.clear()
    sign_in(client, alice.email, "not the password")
    known = len(CountingArgon2.work)
    CountingArgon2.work.clear()
    sign_in(client, "nobody@example.com", "not the password")
    assert len(CountingArgon2.work) == known == 1


@pytest.mark.parametrize("password", [PASSWORD, "not it"])
def test_it_says_and_does_the_same_for_an_account_that_is_switched_off(
    client, settings, alice, password
):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    settings.PASSWORD_HASHERS = ["tests.accounts.counting.CountingArgon2"]
    CountingArgon2.work.clear()
    response = sign_in(client, alice.email, password)
    assert response.status_code == 200
    assert errors(response)["__all__"][0]["message"] == WRONG
    assert len(CountingArgon2.work) == 1
    assert not signed_in(client)


def test_it_refuses_a_person_without_a_password(client, alice):
    alice.set_unusable_password()
    alice.save()
    assert errors(sign_in(client, alice.email, "!"))
    assert not signed_in(client)


def test_it_does_not_let_anybody_sign_up(client, db):
    page = reverse("account_signup")
    data = {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert "Accounts are made for you" in client.get(page).text
    assert "Accounts are made for you" in client.post(page, data).text
    assert not User.objects.exists()


def test_it_offers_no_way_to_sign_up(client, db):
    assert reverse("account_signup") not in client.get(reverse("account_login")).text


def test_it_signs_out_only_when_told_so_by_a_form(client, alice):
    client.force_login(alice)
    assert "Sign out?" in client.get(reverse("account_logout")).text
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)


def test_it_is_not_kept_by_caches(client, alice):
    assert "no-store" in client.get(reverse("account_login")).headers["Cache-Control"]
