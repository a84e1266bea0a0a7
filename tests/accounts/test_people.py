import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import User


def test_it_keeps_addresses_in_small_letters(db):
    assert User.objects.create_user("Dora@Example.COM").email == "dora@example.com"


def test_it_keeps_one_account_an_address(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALICE@example.com")
    with pytest.raises(ValidationError, match="already exists"):
        User(email="Alice@Example.com", password="x").full_clean()


def test_it_keeps_a_person_without_a_password_out(db):
    assert not User.objects.create_user("dora@example.com").has_usable_password()


def test_it_finds_a_person_by_any_spelling_of_the_address(alice):
    assert get_user_model().objects.get_by_natural_key("Alice@Example.com") == alice


def test_it_makes_the_first_operator_on_the_command_line(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "another long sentence")
    call_command("createsuperuser", email="Olga@example.com", interactive=False, verbosity=0)
    olga = User.objects.get()
    assert (olga.email, olga.is_staff, olga.is_superuser) == ("olga@example.com", True, True)
