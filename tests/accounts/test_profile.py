from django.urls import reverse


def test_it_asks_for_a_sign_in(client, db):
    page = reverse("accounts:profile")
    assert client.get(page).url == f"{reverse('account_login')}?next={page}"


def test_it_shows_who_is_signed_in(client, alice):
    client.force_login(alice)
    page = client.get(reverse("accounts:profile")).text
    assert 'value="Alice"' in page
    assert 'value="alice@example.com"' in page


def test_it_changes_the_name(client, alice):
    client.force_login(alice)
    data = {"first_name": "Alicia", "last_name": "Archer"}
    assert client.post(reverse("accounts:profile"), data).url == reverse("accounts:profile")
    alice.refresh_from_db()
    assert alice.get_full_name() == "Alicia Archer"


def test_it_takes_no_other_address_and_no_rights(client, alice):
    client.force_login(alice)
    data = {"first_name": "A", "email": "eve@example.com", "is_staff": "on", "is_superuser": "on"}
    client.post(reverse("accounts:profile"), data)
    alice.refresh_from_db()
    assert (alice.email, alice.is_staff, alice.is_superuser) == ("alice@example.com", False, False)


def test_it_shows_a_name_as_text(client, alice):
    alice.first_name = "<script>alert(1)</script>"
    alice.save()
    client.force_login(alice)
    assert "<script>alert" not in client.get(reverse("accounts:profile")).text


def test_it_marks_the_current_page_in_the_settings(client, alice):
    client.force_login(alice)
    page = client.get(reverse("accounts:profile")).text
    assert f'href="{reverse("accounts:profile")}" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1


def test_it_offers_the_admin_to_operators_only(client, alice, olga):
    admin = f'href="{reverse("admin:index")}"'
    client.force_login(alice)
    assert admin not in client.get(reverse("accounts:profile")).text
    client.force_login(olga)
    assert admin in client.get(reverse("accounts:profile")).text
