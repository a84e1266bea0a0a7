"""Argon2 for account passwords, a few at a time: each check takes some 100 MiB and 200 ms."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2
MOST_WAITING = 20
LONGEST_WAIT = 10.0  # seconds


class TooBusy(Exception):
    """More passwords come than can be checked; the text says to come again."""

    retry_after = 10  # seconds

    def __init__(self) -> None:
        super().__init__("Too many people sign in just now. Wait a moment, then try again.")


class _Turns:
    """Lets in `AT_ONCE`; the others wait, but not too many and not for too long."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)

    @contextmanager
    def turn(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            if not self._waiting.acquire(blocking=False):
                raise TooBusy
            try:
                if not self._free.acquire(timeout=LONGEST_WAIT):
                    raise TooBusy
            finally:
                self._waiting.release()
        try:
            yield
        finally:
            self._free.release()


_TURNS = _Turns()


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with _TURNS.turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _TURNS.turn():
            return super().verify(password, encoded)
