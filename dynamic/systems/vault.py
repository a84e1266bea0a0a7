"""Tokens in the database, where every worker and the pages find them."""

import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

from apikeys.store import Store, StoreUnreachable
from dynamic.flow.exchange import NoToken
from dynamic.models import IssuedToken
from dynamic.outbound.tokens import LEASE, Recipe, Token

P = ParamSpec("P")
T = TypeVar("T")

_DELETED = "The credential that the token is for was deleted."

log = logging.getLogger(__name__)


class DatabaseVault:
    """The `Vault` of `dynamic.outbound.tokens`."""

    def __init__(self) -> None:
        self._store = Store("tokens", threads=2)

    def close(self) -> None:
        self._store.close()

    async def load(self, recipe: Recipe) -> Token | None:
        return await self._run(load, recipe)

    async def claim(self, recipe: Recipe) -> bool:
        return await self._run(_claim, recipe.credential)

    async def save(self, recipe: Recipe, token: Token) -> None:
        try:
            await self._run(save, recipe, token)
        except NoToken as failure:
            # We have it and can go on; the other workers will obtain one of their own.
            log.error("A token of %s was not kept: %s", recipe.credential, failure)

    async def release(self, recipe: Recipe) -> None:
        try:
            await self._run(_release, recipe.credential)
        except NoToken as failure:
            log.error("The claim on a token was not given back: %s", failure)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._store.run(function, *args, **kwargs)
        except StoreUnreachable as error:
            raise NoToken(
                f"The database that keeps the tokens cannot be reached: {error}."
            ) from None


def load(recipe: Recipe) -> Token | None:
    row = IssuedToken.objects.filter(credential=recipe.credential, made_for=recipe.made_for).first()
    if row is None or not row.version:
        return None
    return Token(row.answer, row.expires_at, row.obtained_at, row.version)


def save(recipe: Recipe, token: Token) -> None:
    """Raises NoToken where the credential was deleted meanwhile."""
    held = {
        "made_for": recipe.made_for,
        "version": token.version,
        "answer": token.answer,
        "obtained_at": token.obtained_at,
        "expires_at": token.expires_at,
        "renewing_until": 0.0,
    }
    try:
        IssuedToken.objects.update_or_create(credential_id=recipe.credential, defaults=held)
    except IntegrityError:
        raise NoToken(_DELETED) from None


def _claim(credential: int) -> bool:
    now = time.time()
    try:
        IssuedToken.objects.get_or_create(credential_id=credential)
    except IntegrityError:
        raise NoToken(_DELETED) from None
    free = IssuedToken.objects.filter(credential=credential, renewing_until__lt=now)
    return bool(free.update(renewing_until=now + LEASE))


def _release(credential: int) -> None:
    IssuedToken.objects.filter(credential=credential).update(renewing_until=0.0)
