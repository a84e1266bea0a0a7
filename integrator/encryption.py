"""The keys that encrypt credentials at rest."""

from cryptography.fernet import Fernet, MultiFernet


def fernet(text: str) -> MultiFernet:
    """From Fernet keys, separated by commas or white space: the first encrypts, all decrypt."""
    try:
        return MultiFernet([Fernet(key) for key in text.replace(",", " ").split()])
    except ValueError:
        raise ValueError("it takes Fernet keys: 32 random bytes each, in base64url.") from None
