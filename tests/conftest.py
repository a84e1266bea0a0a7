"""The cast: Alice owns things, Bob is another owner who must see none of hers, Olga operates."""

import pytest

from accounts.models import User

PASSWORD = "correct horse battery staple"


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice@example.com", PASSWORD, first_name="Alice")


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob@example.com", PASSWORD, first_name="Bob")


@pytest.fixture
def olga(db):
    return User.objects.create_superuser("olga@example.com", PASSWORD, first_name="Olga")
