"""Tokens that a system issues: obtained once however many wait, kept, renewed when they fail.

A `Recipe` knows how to obtain one; a `Vault` keeps them where all workers see them. Whoever finds
a token refused says which one it was, so of a hundred calls that were refused together one renews
it, and the others take the new one.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import orjson

from dynamic.flow.exchange import NoToken, Request, Response
from dynamic.flow.expressions import Constant, Template, Text, as_text
from dynamic.flow.headers import value_fault
from dynamic.flow.problems import StepFailed
from dynamic.outbound.auth import Place, with_header, with_parameter
from dynamic.outbound.spellings import spellings

LEASE = 60.0  # seconds in which one process renews and the others wait
_EARLY = 30.0  # seconds before its end that a token is renewed, or a tenth of its life
_REST = 10.0  # seconds after a renewal in which a refused token is not renewed again
_AFTER_FAILURE = 5.0  # seconds in which a sign-in that failed is not tried again
_POLL = 0.1
MOST_BYTES = 2**18  # of a token's answer as JSON: it is kept, and searched for secrets

_SECRET_NAME = re.compile(
    r"token(?!_?type)|secret|session|cookie|jwt|passw|key|^sid$", re.IGNORECASE
)
_PLAIN_NAMES = {"token_type", "tokenType"}
_MOST_KNOWN = 10_000  # tokens that one worker remembers; the vault has them all

T = TypeVar("T")

Send = Callable[[Request], Awaitable[Response]]  # one attempt, without credential


@dataclass(frozen=True, slots=True)
class Token:
    """What a system answered, and how long it holds (seconds since 1970; None = not known)."""

    answer: Any = field(repr=False)
    expires_at: float | None = None
    obtained_at: float = field(default_factory=time.time)
    version: str = field(default_factory=lambda: secrets.token_hex(16))

    def works(self, refused: str) -> bool:
        """Whether it may be used by who was just refused with that version."""
        if self.version == refused:
            return False
        if self.expires_at is None:
            return True
        early = min(_EARLY, (self.expires_at - self.obtained_at) / 10)
        return time.time() < self.expires_at - early


def issued(answer: Any, expires_at: float | None) -> Token:
    """A new token. Raises NoToken for an answer that is too large to be one."""
    if len(orjson.dumps(answer)) > MOST_BYTES:
        raise NoToken(f"The token's answer is larger than {MOST_BYTES // 1024} KiB.")
    return Token(answer, expires_at)


class Recipe(Protocol):
    """How to obtain the token of one credential."""

    @property
    def credential(self) -> int: ...

    @property
    def made_for(self) -> str:
        """A fingerprint of all that the token depends on: another one, another token."""

    async def obtain(self, send: Send, last: Token | None) -> Token:
        """Raises NoToken and whatever `send` raises."""


class Vault(Protocol):
    """Where tokens are kept for all workers. Methods raise NoToken where it cannot be reached."""

    async def load(self, recipe: Recipe) -> Token | None: ...

    async def claim(self, recipe: Recipe) -> bool:
        """Whether we may renew it now; for `LEASE` seconds nobody else may."""

    async def save(self, recipe: Recipe, token: Token) -> None:
        """Keep the token, and give the claim back."""

    async def release(self, recipe: Recipe) -> None:
        """Give the claim back without a token."""


@dataclass(frozen=True, slots=True)
class TokenAuth:
    """Requests carry what `value` makes of the token, in a header or in the query."""

    recipe: Recipe
    place: Place
    name: str
    value: Template
    static: tuple[str, ...] = field(repr=False, default=())  # the credential's own secrets

    def apply(self, request: Request) -> Request:
        """Without a token there is nothing to carry yet."""
        return request

    def apply_token(self, request: Request, token: Token) -> Request:
        """Raises NoToken where the token's answer does not hold what calls should carry."""
        texts = self._texts(token)
        if not all(texts):  # “Bearer ” and nothing after it is no token
            raise NoToken("The token's answer does not hold what calls should carry.")
        value = "".join(texts)
        if fault := value_fault(value):
            raise NoToken(f"The token for {request.api} {fault}.")
        add = with_header if self.place == "header" else with_parameter
        return add(request, self.name, value)

    def secrets(self) -> tuple[str, ...]:
        return self.static

    def secrets_of(self, token: Token) -> tuple[str, ...]:
        """Every text form of what is secret in the token's answer, and of what is made of it."""
        held = list(_texts(token.answer))
        try:
            made = [
                text
                for part, text in zip(self._parts(), self._texts(token), strict=True)
                if not isinstance(part, Constant)
            ]
        except NoToken:  # `apply_token` says so
            made = []
        named = {text for name, text in held if _SECRET_NAME.search(name)}
        within = {text for _, text in held if len(text) > 5 and any(text in one for one in made)}
        plain = {text for name, text in held if name in _PLAIN_NAMES}  # “Bearer”
        return spellings(*(named | within.union(made) - plain))

    def _parts(self) -> tuple[Template, ...]:
        return self.value.parts if isinstance(self.value, Text) else (self.value,)

    def _texts(self, token: Token) -> list[str]:
        try:
            return [as_text(part.evaluate({"token": token.answer})) for part in self._parts()]
        except StepFailed as error:
            raise NoToken(f"The token's answer cannot be used. {error}") from None


class Tokens:
    """The tokens that one worker knows. It belongs to one event loop."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, Token] = {}
        self._renewing: dict[str, asyncio.Task[Token]] = {}
        self._renewed: dict[str, float] = {}  # when one was renewed because it was refused
        self._failed: dict[str, tuple[float, str]] = {}

    async def get(self, recipe: Recipe, send: Send, *, refused: str = "") -> Token:
        """A token that works, as far as we know; another one than the version that was refused.

        Raises NoToken.
        """
        name = recipe.made_for
        token = self._known.get(name)
        if token is not None and token.works(refused):
            return token
        task = self._renewing.get(name)
        if task is None:
            self._check_failure(name)
            task = asyncio.get_running_loop().create_task(self._renew(recipe, send, refused))
            self._renewing[name] = task
            task.add_done_callback(lambda _: self._renewing.pop(name, None))
        # Shielded: the run that asked first may end, the others still wait.
        return await asyncio.shield(task)

    def may_renew(self, recipe: Recipe, refused: str) -> bool:
        """Whether another token than the refused one may help: there is one by now, or none was
        renewed just before. A new one is refused for other reasons.
        """
        token = self._known.get(recipe.made_for)
        if token is not None and token.works(refused):
            return True
        return time.monotonic() - self._renewed.get(recipe.made_for, float("-inf")) > _REST

    async def close(self) -> None:
        """End the renewals that nobody waits for any more, and give their claims back."""
        tasks = list(self._renewing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _check_failure(self, name: str) -> None:
        at, message = self._failed.get(name, (float("-inf"), ""))
        if time.monotonic() - at < _AFTER_FAILURE:
            raise NoToken(message)  # an account is soon locked by sign-ins that fail

    async def _renew(self, recipe: Recipe, send: Send, refused: str) -> Token:
        name = recipe.made_for
        try:
            token = await self._shared(recipe, send, refused)
        except NoToken as failure:
            _keep(self._failed, name, (time.monotonic(), str(failure)))
            raise
        _keep(self._known, name, token)
        if refused:
            _keep(self._renewed, name, time.monotonic())
        return token

    async def _shared(self, recipe: Recipe, send: Send, refused: str) -> Token:
        """The vault's token, where it works, or a new one that is put there."""
        until = time.monotonic() + LEASE
        while True:
            last = await self._vault.load(recipe)
            if last is not None and last.works(refused):
                return last
            if await self._vault.claim(recipe):
                break
            if time.monotonic() > until:
                raise NoToken("Another process was to obtain the token, and did not.")
            await asyncio.sleep(_POLL)
        try:
            token = await self._obtained(recipe, send, refused)
        except BaseException:
            await self._vault.release(recipe)
            raise
        await self._vault.save(recipe, token)
        return token

    async def _obtained(self, recipe: Recipe, send: Send, refused: str) -> Token:
        """A new token, for who holds the claim.

        Another process may have been done between our look and our claim: its token is taken
        then, for a refresh token that is used twice ends them all (RFC 9700 section 4.14.2).
        """
        last = await self._vault.load(recipe)
        if last is not None and last.works(refused):
            return last
        try:
            async with asyncio.timeout(LEASE):  # then another process may begin
                return await recipe.obtain(send, last)
        except TimeoutError:
            raise NoToken(f"The system gave no token within {LEASE:g} s.") from None


def _keep(table: dict[str, T], name: str, value: T) -> None:
    table[name] = value
    if len(table) > _MOST_KNOWN:
        del table[next(iter(table))]


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _texts(held, key)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held, name)
