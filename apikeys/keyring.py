"""The secrets that key verification rests on: peppers for digests, signing keys for JWTs.

Both are written as text (environment or file), items separated by commas or white space:

    peppers        1:<base64url>  2:<base64url>          the highest number is the current one
    signing keys   k1:signing:<base64url>  k0:verifying:<base64url>

A *signing* key makes and verifies, a *verifying* one verifies only (so that a new key can be
brought in before the old one goes), a *retired* one is known by name and refused. Each secret is
at least 32 random bytes (RFC 7518 section 3.2; OWASP ASVS 5.0, 11.2): a short or well-known one
raises `WeakSecret`, which stops start-up.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

State = Literal["signing", "verifying", "retired"]

_KID = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)


class WeakSecret(ValueError):
    """A secret that is malformed, too short, or not random. The message never quotes it."""


def _decode(label: str, value: str) -> bytes:
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise WeakSecret(f"{label} is not base64url.") from None
    if len(raw) < 32:
        raise WeakSecret(f"{label} holds {len(raw)} bytes; it needs at least 32.")
    # Readable text, such as the sample secrets of tutorials, or one byte over and over: of 32
    # random bytes fewer than 16 are distinct, or all are printable, less than once in 10**13.
    if len(set(raw)) < 16 or all(32 <= byte < 127 for byte in raw):
        raise WeakSecret(f"{label} is not random.")
    return raw


def _items(text: str) -> list[list[str]]:
    return [item.split(":") for item in text.replace(",", " ").split()]


@dataclass(frozen=True)
class Peppers:
    current: int
    values: dict[int, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Peppers":
        values: dict[int, bytes] = {}
        for item in _items(text):
            if len(item) != 2 or not item[0].isdigit() or int(item[0]) in values:
                raise WeakSecret("A pepper is written number:base64url, each number once.")
            values[int(item[0])] = _decode(f"Pepper {item[0]}", item[1])
        if not values:
            raise WeakSecret("There is no pepper.")
        return cls(max(values), values)


@dataclass(frozen=True)
class SigningKey:
    kid: str
    state: State
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class SigningKeys:
    signing: SigningKey
    by_kid: dict[str, SigningKey]

    @classmethod
    def parse(cls, text: str) -> "SigningKeys":
        keys: dict[str, SigningKey] = {}
        for item in _items(text):
            if len(item) != 3 or not _KID.fullmatch(item[0]) or item[1] not in get_args(State):
                raise WeakSecret(
                    "A signing key is written kid:state:base64url; the state is one of "
                    f"{', '.join(get_args(State))}."
                )
            kid, state, value = item
            if kid in keys:
                raise WeakSecret(f"The signing key {kid} is there twice.")
            keys[kid] = SigningKey(kid, cast(State, state), _decode(f"Signing key {kid}", value))
        signing = [key for key in keys.values() if key.state == "signing"]
        if len(signing) != 1:
            raise WeakSecret(f"Exactly one signing key signs; here {len(signing)} do.")
        if len({key.secret for key in keys.values()}) != len(keys):
            raise WeakSecret("Two signing keys hold the same secret.")
        return cls(signing[0], keys)
