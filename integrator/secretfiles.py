"""The secrets of this installation, one file each under `<data folder>/secrets/`, mode 0600.

`python -m integrator.secretfiles NAME` prints a new value for NAME; `make_missing` writes those
that are not there yet and never touches one that is.
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path


def _random(size: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(size)).decode().rstrip("=")


MAKERS: dict[str, Callable[[], str]] = {
    "INTEGRATOR_SECRET_KEY": lambda: _random(64),
    "INTEGRATOR_PEPPERS": lambda: f"1:{_random(32)}",
    "INTEGRATOR_JWT_KEYS": lambda: f"k{secrets.token_hex(4)}:signing:{_random(32)}",
    # Fernet keys keep their padding: that is the form `cryptography` takes.
    "INTEGRATOR_ENCRYPTION_KEYS": lambda: base64.urlsafe_b64encode(
        secrets.token_bytes(32)
    ).decode(),
}


def path(data: Path, name: str) -> Path:
    return data / "secrets" / name


def read(data: Path, name: str) -> str:
    """The secret in its file. PermissionError where other users of the machine could read it."""
    file = path(data, name)
    if file.stat().st_mode & 0o077:
        raise PermissionError(f"{file} can be read by others: run chmod 600 on it.")
    return file.read_text("ascii").strip()


def make_missing(data: Path) -> list[str]:
    """Make each secret that neither the environment nor a file holds; return their names."""
    made = []
    # Each with its mode: `parents=True` would give it to the last one only.
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path(data, "").mkdir(mode=0o700, exist_ok=True)
    for name, make in MAKERS.items():
        if os.environ.get(name) or path(data, name).exists():
            continue
        # O_EXCL: of two that start at once, one makes the secret and the other one keeps it.
        descriptor = os.open(path(data, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make() + "\n")
        made.append(name)
    return made


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MAKERS:
        sys.exit(f"Name one of: {', '.join(MAKERS)}")
    print(MAKERS[sys.argv[1]]())
