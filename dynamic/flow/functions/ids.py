"""Identifiers that nobody else has."""

import uuid
from typing import Any


def random_uuid(*_: Any) -> str:
    """Give a random UUID (version 4, RFC 9562)."""
    return str(uuid.uuid4())
