"""What a call asks the database: nothing when malformed, nothing when warm."""

import threading

import pytest
from django.db.backends.utils import CursorWrapper

from apikeys import tokens
from tests.doors import PREFIX

HELLO = "version: 1\nsteps:\n  - return: {body: hello}\n"


@pytest.fixture
def lookups(monkeypatch):
    """The statements of the threads that look up keys and pipes for the listener."""
    seen = []
    execute = CursorWrapper.execute

    def noting(self, sql, params=None):
        if threading.current_thread().name.startswith("store"):
            seen.append(sql)
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", noting)
    return seen


@pytest.fixture
def call(django_door, workshop, lookups):
    pipe = workshop.pipe(HELLO)

    def call(token):
        lookups.clear()
        target = f"{PREFIX}{pipe.id}"
        status = django_door.request("GET", target, [("Access-Token", token)]).status
        # The notes of a key's last use are written beside the call, not for it.
        return status, [sql for sql in lookups if "keyuse" not in sql]

    return call


def selects_of_keys(statements):
    return [sql for sql in statements if 'FROM "apikeys_key"' in sql]


@pytest.mark.parametrize("kind", ["access_token", "jwt"])
def test_it_asks_once_for_a_key_and_then_never_again(call, workshop, kind):
    _, text = workshop.key(kind)
    status, cold = call(text)
    assert (status, len(selects_of_keys(cold))) == (200, 1)
    assert call(text) == (200, [])
    assert call(text) == (200, [])


def test_it_asks_nothing_for_a_malformed_key(call, workshop):
    _, text = workshop.key()
    _, jwt = workshop.key("jwt")
    for malformed in (text[:-1], text[:-1] + "!", text.upper(), jwt[:-2], jwt + "A", "x", "a.b.c"):
        assert call(malformed) == (401, [])


def test_it_asks_once_for_an_unknown_key(call):
    status, statements = call(tokens.make_access_token(tokens.new_public_id()))
    assert (status, len(statements)) == (401, 1)


def test_it_asks_nothing_to_tell_that_a_known_key_has_another_secret(call, workshop):
    _, text = workshop.key()
    assert call(text)[0] == 200
    assert call(tokens.make_access_token(text[4:14])) == (401, [])


def test_it_never_hashes_a_password(call, workshop, monkeypatch, settings):
    from django.contrib.auth.hashers import Argon2PasswordHasher

    def refuse(*_):
        raise AssertionError("the listener hashed a password")

    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, refuse)
    _, text = workshop.key()
    assert call(text)[0] == 200
