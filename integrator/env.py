"""Typed reads of the environment. A value that is missing or wrong stops start-up, by name.

A secret is read from the variable itself or, where the variable is not set, from the file of the
same name in `<data folder>/secrets/` (see `integrator.secretfiles`, which makes those files).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from integrator import secretfiles

S = TypeVar("S")
T = TypeVar("T")

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "yes" if default else "no").strip().lower()
    if value not in _YES | _NO:
        raise ImproperlyConfigured(f"{name} is {value!r}; it takes yes or no.")
    return value in _YES


def integer(name: str, default: int, *, least: int, most: int) -> int:
    value = os.environ.get(name, str(default)).strip()
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it takes a whole number from {least} to {most}."
        )
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas or white space between its items."""
    return os.environ.get(name, default).replace(",", " ").split()


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).expanduser().resolve()


def parsed(name: str, parse: Callable[[S], T], value: S) -> T:
    """What `parse` makes of the value; its ValueError becomes one that names the variable."""
    try:
        return parse(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be used: {error}") from None


def text_as(name: str, default: str, parse: Callable[[str], T]) -> T:
    return parsed(name, parse, text(name, default))


def secret_as(name: str, data: Path, parse: Callable[[str], T]) -> T:
    return parsed(name, parse, secret(name, data))


def optional_secret(name: str, data: Path, least: int) -> str:
    """The secret's text, of so many characters at least; "" where there is none."""
    if not os.environ.get(name, "").strip() and not secretfiles.path(data, name).exists():
        return ""
    value = secret(name, data)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} is too short: it takes {least} characters or more.")
    return value


def secret(name: str, data: Path) -> str:
    """The secret's text. `ImproperlyConfigured` says how to make one where there is none."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    try:
        return secretfiles.read(data, name)
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"{name} is missing: set it in the environment, or put it into "
            f"{secretfiles.path(data, name)} (mode 0600). To make a good one: "
            f"python -m integrator.secretfiles {name}"
        ) from None
    except PermissionError as error:
        raise ImproperlyConfigured(str(error)) from None
