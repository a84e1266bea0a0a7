"""How a credential stands: whether its values fit, and what token is held for it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ValidationError

from dynamic.models import Credential, IssuedToken
from dynamic.models.authentication import authentication
from dynamic.outbound.tokens import TokenAuth


@dataclass(frozen=True, slots=True)
class Standing:
    """Nothing in it is secret."""

    credential: Credential
    fits: bool  # it holds what the system's authentication asks for
    held: bool = False  # a token that can be used, or renewed without anybody's help
    until: datetime | None = None  # when it ends; None where that is not known
    ended: bool = False


def standing(credential: Credential) -> Standing:
    try:
        credential.clean()
        auth = authentication(credential.system, credential)
    except (ValidationError, ValueError):
        return Standing(credential, fits=False)
    token: IssuedToken | None = getattr(credential, "token", None)
    fits_token = isinstance(auth, TokenAuth) and token and token.made_for == auth.recipe.made_for
    if token is None or not fits_token or not token.version:
        return Standing(credential, fits=True)
    ended = token.expires_at is not None and token.expires_at <= time.time()
    can_refresh = isinstance(token.answer, dict) and "refresh_token" in token.answer
    return Standing(
        credential,
        fits=True,
        held=can_refresh or not ended,
        until=_time(token.expires_at),
        ended=ended,
    )


def _time(seconds: float | None) -> datetime | None:
    """No system keeps a promise beyond the year 9999."""
    return None if seconds is None else datetime.fromtimestamp(min(seconds, 253_402_300_799), UTC)
