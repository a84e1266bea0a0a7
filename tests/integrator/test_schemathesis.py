"""Schemathesis asks each operation of our OpenAPI description whatever it may be asked, and what it
must refuse; the answers are as the description says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from apikeys.limiting import LIMITS
from apikeys.models import Key
from dynamic.models import ApiCall, Credential, Share, System
from tests.dynamic.history import pipe_of, run_of, stored

pytestmark = pytest.mark.django_db

EXAMPLES = 6  # of an operation; by hand many more, and with the phase `coverage`
CONFIG = {
    "generation": {"with-security-parameters": False, "database": "none"},
    "phases": {"examples": {"enabled": False}, "coverage": {"enabled": False}},
}
described = schemathesis.openapi.from_wsgi(
    "/v1/schema/", WSGIHandler(), config=schemathesis.Config.from_dict(CONFIG)
).exclude(path_regex="/listener/")


@pytest.fixture(autouse=True)
def _fresh_counts():
    LIMITS.memory.storage.reset()


@pytest.fixture
def scene(alice, bob):
    """Alice's things, one of each, by the names that addresses have for them."""
    system = System.objects.create(
        owner=alice, slug="shop", name="Shop", base_url="http://127.0.0.1:9", auth_type="basic"
    )
    call = ApiCall.objects.create(system=system, slug="order", name="Order", path="/orders")
    credential = Credential.objects.create(
        system=system, name="Main", values={"username": "ann", "secret": "hunter22"}
    )
    pipe = pipe_of(alice)
    run = stored(run_of(pipe))
    key, secret = Key.objects.issue(alice, "Test", "access_token", 1)
    share = Share.objects.create(owner=alice, pipe=pipe, account=bob, role="viewer")
    return {
        "alice": alice,
        "secret": secret,
        "/api-keys/": key.public_id,
        "/calls/": call.slug,
        "/credentials/": credential.pk,
        "/denials/": run.request_id,
        "/flows/": pipe.flow.slug,
        "/pipes/": pipe.pk,
        "/runs/": run.pk,
        "/shares/": share.pk,
        "/systems/": system.slug,
        "/versions/": 1,
    }


@described.auth(refresh_interval=None)
class Asker:
    """Who asks: what a test's fixture has put here."""

    headers: ClassVar[dict[str, str]] = {}
    cookies: ClassVar[dict[str, str]] = {}

    def get(self, case, context):
        return self.headers, self.cookies

    def set(self, case, data, context):
        headers, cookies = data
        case.headers.update(headers)
        case.cookies.update(cookies)


@pytest.fixture
def by_session(scene, monkeypatch):
    client = Client()
    client.force_login(scene["alice"])
    client.get("/runs/digest/")  # a page with a form
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    monkeypatch.setattr(Asker, "cookies", cookies)
    monkeypatch.setattr(Asker, "headers", {"X-CSRFToken": cookies["csrftoken"]})


@pytest.fixture
def by_key(scene, monkeypatch):
    monkeypatch.setattr(Asker, "headers", {"Authorization": f"Bearer {scene['secret']}"})


few = hypothesis.settings(
    max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done to the database: the next example finds the same. As with Django's own test
    client, the connection is the test's.
    """
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def aim(case, scene):
    """Let the address be one of something that there is."""
    if case.meta.is_negative_at(ParameterLocation.PATH):
        return
    for name in case.path_parameters:
        kind = case.path.partition("{" + name)[0].rstrip("/").rpartition("/")[2]
        case.path_parameters[name] = scene[f"/{kind}/"]


def beside(case):
    """The checks that cannot hold for this question."""
    if not case.operation.body and "If-Match" not in case.headers and "" not in case.query.values():
        return []
    # No schema says which names are taken and which flows run. Where text or a flag is asked for,
    # Django REST framework reads a number as one. A parameter that is empty is none, as where the
    # form of a page sends it.
    return [positive_data_acceptance, negative_data_rejection]


@described.parametrize()
@few
def test_it_answers_as_described(case, scene, by_session):
    with undone():
        aim(case, scene)
        case.call_and_validate(excluded_checks=beside(case))


@described.include(method="GET").parametrize()
@few
def test_it_answers_a_key_as_described(case, scene, by_key):
    with undone():
        aim(case, scene)
        case.call_and_validate(excluded_checks=beside(case))


class Sequence(described.as_state_machine()):
    """One request after the other, each about what the one before answered."""

    def validate_response(self, response, case, additional_checks=None, **kwargs):
        case.validate_response(
            response,
            additional_checks=additional_checks,
            excluded_checks=beside(case),
            transport_kwargs=kwargs,
            recorder=self.recorder,
        )


def test_what_is_made_is_there_and_what_is_deleted_is_gone(by_session):
    with undone():
        Sequence.run(settings=hypothesis.settings(few, stateful_step_count=4))
