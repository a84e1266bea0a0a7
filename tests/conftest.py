"""The cast: Alice owns things, Bob is another owner who must see none of hers, Olga operates."""

import hypothesis
import pytest
from django.test import TransactionTestCase

from accounts.models import User
from tests.emptying import empty_tables

PASSWORD = "correct horse battery staple"

# Hypothesis's deadline would measure the machine, whose cores the parallel tests share.
hypothesis.settings.register_profile("integrator", deadline=None)
hypothesis.settings.load_profile("integrator")


def pytest_collection_modifyitems(items):
    """Mark what uses the database: the rest need not run on each kind of it."""
    for item in items:
        fixtures = {"db", "transactional_db", "live_server"} & set(item.fixturenames)
        if fixtures or item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice@example.com", PASSWORD, first_name="Alice")


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob@example.com", PASSWORD, first_name="Bob")


@pytest.fixture
def olga(db):
    return User.objects.create_superuser("olga@example.com", PASSWORD, first_name="Olga")


@pytest.fixture
def signed_in(client, alice):
    """A client of Alice's."""
    client.force_login(alice)
    return client
