"""A burst of passwords: few are checked at once, and everybody gets an answer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import hashers
from tests.hashers import QuickArgon2


class Watched:
    """How many of Django's own Argon2 computations run at a time."""

    def __init__(self):
        self.lock, self.running, self.most, self.done = threading.Lock(), 0, 0, 0

    def around(self, original):
        def computed(*args):
            with self.lock:
                self.running += 1
                self.most = max(self.most, self.running)
            try:
                return original(*args)
            finally:
                with self.lock:
                    self.running -= 1
                    self.done += 1

        return computed


@pytest.fixture
def watched(monkeypatch):
    watched = Watched()
    for name in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(Argon2PasswordHasher, name, watched.around(original))
    monkeypatch.setattr(QuickArgon2, "time_cost", 8)  # long enough to meet each other
    monkeypatch.setattr(QuickArgon2, "memory_cost", 8192)
    return watched


@pytest.mark.django_db(transaction=True)
def test_it_checks_few_passwords_at_a_time(alice, watched):
    def sign_in(number):
        try:
            data = {"login": f"nobody{number}@example.com", "password": "wrong"}
            address = f"10.0.{number}.1"
            return Client().post(reverse("account_login"), data, REMOTE_ADDR=address)
        finally:
            connection.close()

    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(sign_in, range(40)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert watched.done >= hashers.AT_ONCE
    assert watched.most <= hashers.AT_ONCE
    assert all("Retry-After" in answer for answer in answers if answer.status_code == 503)


def test_it_sends_away_those_who_would_wait_in_vain(monkeypatch):
    turns = hashers._Turns()
    monkeypatch.setattr(hashers, "LONGEST_WAIT", 0.01)
    with turns.turn(), turns.turn(), pytest.raises(hashers.TooBusy), turns.turn():
        pass
    with turns.turn():
        pass


def test_it_says_so_on_a_page(client, alice, monkeypatch):
    monkeypatch.setattr(hashers, "LONGEST_WAIT", 0.01)
    with hashers._TURNS.turn(), hashers._TURNS.turn():
        data = {"login": alice.email, "password": "x"}
        response = client.post(reverse("account_login"), data)
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert "Too many people sign in" in response.content.decode()
