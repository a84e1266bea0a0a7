"""The keys that encrypt credentials at rest."""

import hashlib
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """One of them. The fingerprint tells it from others, and nothing about it."""

    fingerprint: str
    fernet: Fernet = field(repr=False)

    def opens(self, text: str) -> bool:
        try:
            self.fernet.decrypt(text)
        except (InvalidToken, ValueError):  # ValueError: not even ASCII
            return False
        return True


class EncryptionKeys(MultiFernet):
    """The first encrypts, all decrypt."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = [
            EncryptionKey(hashlib.sha256(key.encode()).hexdigest()[:8], Fernet(key)) for key in keys
        ]
        super().__init__([key.fernet for key in self.keys])


def fernet(text: str) -> EncryptionKeys:
    """From Fernet keys, separated by commas or white space. Raises ValueError."""
    try:
        return EncryptionKeys(text.replace(",", " ").split())
    except ValueError:
        raise ValueError("it takes Fernet keys: 32 random bytes each, in base64url.") from None
