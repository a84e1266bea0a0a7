"""Column types: text and JSON encrypted at rest, and JSON kept as text."""

from typing import Any

import orjson
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class EncryptedText(models.TextField[str, str]):
    """Text that the database holds only encrypted (Fernet: AES-128-CBC with HMAC-SHA-256).

    The first of INTEGRATOR_ENCRYPTION_KEYS encrypts, all of them decrypt. A value that none of
    them opens raises ImproperlyConfigured: never an empty or wrong secret sent to a system.
    """

    def get_prep_value(self, value: Any) -> Any:
        return value if not value else settings.ENCRYPTION.encrypt(value.encode()).decode("ascii")

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return value if not value else _opened(value)


class EncryptedJson(models.TextField[Any, Any]):
    """A JSON value that the database holds only as the encrypted text of it."""

    def get_prep_value(self, value: Any) -> Any:
        return settings.ENCRYPTION.encrypt(orjson.dumps(value)).decode("ascii")

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else orjson.loads(_opened(value))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return orjson.dumps(self.value_from_object(obj)).decode()


class JsonText(models.TextField[Any, Any]):
    """A JSON value kept as text: PostgreSQL's jsonb refuses the valid JSON string "\\u0000"."""

    def get_prep_value(self, value: Any) -> Any:
        return orjson.dumps(value).decode()

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else orjson.loads(value)

    def value_to_string(self, obj: models.Model) -> str:
        return orjson.dumps(self.value_from_object(obj)).decode()

    def to_python(self, value: Any) -> Any:
        return value


def _opened(value: str) -> str:
    try:
        return str(settings.ENCRYPTION.decrypt(value).decode())
    except InvalidToken:
        raise ImproperlyConfigured(
            "A stored credential was encrypted with a key that INTEGRATOR_ENCRYPTION_KEYS "
            "does not hold. Bring that key back, or enter the credential again."
        ) from None
