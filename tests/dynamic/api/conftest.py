import pytest
from rest_framework.test import APIClient

from apikeys.models import Key


class Api(APIClient):
    """Sends and reads JSON, and knows where systems are."""

    default_format = "json"

    def ask(self, method, path="", body=None):
        return getattr(self, method)(f"/v1/dynamic/systems/{path}", body)


@pytest.fixture
def api(alice):
    """Alice, signed in."""
    client = Api()
    client.force_login(alice)
    return client


@pytest.fixture
def bobs(bob):
    client = Api()
    client.force_login(bob)
    return client


@pytest.fixture
def by_key(alice):
    """A client with a key of Alice's, granted what is given."""

    def client(**grants):
        _, text = Key.objects.issue(alice, "K", "access_token", 1, **grants)
        client = Api()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return client


def problems(response):
    """What is wrong, by path."""
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    return {problem["path"]: problem["message"] for problem in response.json()["problems"]}
