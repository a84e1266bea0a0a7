"""A secret that live keys rest on cannot be removed."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.checks import run_checks

from apikeys import checks
from apikeys.keyring import Peppers, SigningKeys
from apikeys.models import Key
from integrator import secretfiles
from tests.doors import AsgiDoor, environment


def errors():
    return [error.id for error in run_checks(tags=["apikeys"], databases=["default"])]


def new_peppers():
    return Peppers.parse(secretfiles.MAKERS["INTEGRATOR_PEPPERS"]().replace("1:", "2:", 1))


def test_it_is_content_with_what_there_is(alice):
    Key.objects.issue(alice, "K", "jwt", 1)
    assert errors() == []


def test_it_misses_a_pepper(alice, settings):
    key, _ = Key.objects.issue(alice, "K", "access_token", 1)
    settings.PEPPERS = new_peppers()
    assert errors() == ["apikeys.E001"]
    key.revoke(None)
    assert errors() == []


def test_it_counts_the_keys_that_rest_on_it(alice, settings):
    settings.PEPPERS = new_peppers()
    for sentence in ("1 live key rests on it.", "2 live keys rest on it."):
        Key.objects.issue(alice, "K", "access_token", 1)
        Key.objects.update(pepper=1)
        (found,) = checks.errors()
        assert sentence in found


@pytest.mark.parametrize("state", ["missing", "retired"])
def test_it_misses_a_signing_key(alice, settings, state):
    Key.objects.issue(alice, "K", "jwt", 1)
    old = secretfiles.read(settings.DATA, "INTEGRATOR_JWT_KEYS").replace(":signing:", ":retired:")
    new = secretfiles.MAKERS["INTEGRATOR_JWT_KEYS"]()
    settings.JWT_KEYS = SigningKeys.parse(new if state == "missing" else f"{old} {new}")
    assert errors() == ["apikeys.E002"]


@pytest.mark.django_db(transaction=True)
def test_it_stops_a_server_that_lacks_one(alice, tmp_path, monkeypatch):
    Key.objects.issue(alice, "K", "access_token", 1)
    monkeypatch.setenv(
        "INTEGRATOR_PEPPERS", secretfiles.MAKERS["INTEGRATOR_PEPPERS"]().replace("1:", "2:", 1)
    )
    with pytest.raises(RuntimeError, match="Pepper 1 is missing, and 1 live key rests on it"):
        AsgiDoor(tmp_path / "log.txt")


@pytest.mark.django_db(transaction=True)
def test_it_stops_a_wsgi_server_that_lacks_one(alice):
    Key.objects.issue(alice, "K", "access_token", 1)
    peppers = secretfiles.MAKERS["INTEGRATOR_PEPPERS"]().replace("1:", "2:", 1)
    ended = subprocess.run(
        [sys.executable, "-c", "import integrator.wsgi"],
        cwd=project.BASE_DIR,
        env={**os.environ, **environment(), "INTEGRATOR_PEPPERS": peppers},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert "Pepper 1 is missing" in ended.stderr
