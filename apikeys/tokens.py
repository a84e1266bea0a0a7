"""The two formats of a key's secret. Pure: no Django, no I/O; secrets come only from `secrets`.

    access token   dik_ + public id (10) + _ + secret (43) + checksum (6)        64 characters
    JWT            HS256, typ dik+jwt; jti is the public id, rnd the secret

All digits are base62 (0-9 A-Z a-z). The checksum is the CRC-32 of the 58 characters before it: it
proves nothing, but a mistyped token is refused, and a scanner finds a real one, without a query.
A JWT is parsed strictly here before PyJWT sees it (RFC 8725 sections 3.1, 3.11): only what
`make_jwt` can write is read, so each JWT has one spelling.
"""

import base64
import binascii
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import jwt
import orjson

from apikeys.keyring import SigningKey, SigningKeys

Kind = Literal["access_token", "jwt"]

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIX = "dik_"
PUBLIC_ID_LENGTH = 10
SECRET_LENGTH = 43  # 62**43 > 2**256
ISSUER = AUDIENCE = "integrator"
LONGEST_JWT = 1024
CLOCK_SKEW = 60  # seconds by which the clocks of our own machines may differ

_ACCESS_TOKEN = re.compile(r"dik_[0-9A-Za-z]{10}_[0-9A-Za-z]{49}", re.ASCII)
_BASE62 = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_LATEST_TIME = 253_402_300_800  # the year 10000, where datetime ends
_CLAIMS = {"iss", "aud", "sub", "jti", "iat", "nbf", "rnd"}

# Only an instance enforces RFC 7518's least key length; the module's functions just warn.
_JWT = jwt.PyJWT(options={"enforce_minimum_key_length": True})


class Malformed(ValueError):
    """Not a credential of ours in form, or a JWT whose signature or claims are not ours."""


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """What a well-formed credential says of itself; whether it is true, its row must tell.

    `secret` is what the row's digest was made from: the whole access token, or the JWT's `rnd`.
    """

    kind: Kind
    public_id: str
    secret: str


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(DIGITS[digit])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode("ascii")), 6)


def new_public_id() -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(PUBLIC_ID_LENGTH))


def new_secret() -> str:
    """256 random bits, as 43 base62 digits."""
    return _base62(secrets.randbits(256), SECRET_LENGTH)


def make_access_token(public_id: str) -> str:
    body = f"{PREFIX}{public_id}_{new_secret()}"
    return body + _checksum(body)


def make_jwt(
    key: SigningKey, public_id: str, subject: str, rnd: str, issued: int, expires: int | None
) -> str:
    """Sign a JWT. `issued` and `expires` are Unix seconds; None leaves `exp` out."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "jti": public_id,
        "iat": issued,
        "nbf": issued,
        "rnd": rnd,
    }
    if expires is not None:
        claims["exp"] = expires
    headers = {"typ": "dik+jwt", "kid": key.kid}
    return _JWT.encode(claims, key.secret, algorithm="HS256", headers=headers)


def read(text: str, keys: SigningKeys) -> Claim:
    """Tell the format by its shape and read it. Raises `Malformed`, without saying why."""
    if text.startswith(PREFIX):
        return _read_access_token(text)
    return _read_jwt(text, keys)


def is_access_token(text: str) -> bool:
    """Whether it has the form of one; whether there is such a key, only its row can tell."""
    return _ACCESS_TOKEN.fullmatch(text) is not None and _checksum(text[:58]) == text[58:]


def _read_access_token(text: str) -> Claim:
    if not is_access_token(text):
        raise Malformed
    start = len(PREFIX)
    return Claim("access_token", text[start : start + PUBLIC_ID_LENGTH], text)


def _read_jwt(text: str, keys: SigningKeys) -> Claim:
    parts = text.split(".") if len(text) <= LONGEST_JWT else []
    if len(parts) != 3:
        raise Malformed
    header, claims = _canonical_object(parts[0]), _canonical_object(parts[1])
    _canonical_bytes(parts[2])
    if header.keys() != {"alg", "typ", "kid"} or not _well_formed(claims):
        raise Malformed
    key = keys.by_kid.get(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None or key.state == "retired":
        raise Malformed
    if header["alg"] != "HS256" or header["typ"] != "dik+jwt":
        raise Malformed
    try:
        # Not `exp`: an expired key may be told that it is, once its row has proved it genuine.
        _JWT.decode(
            text,
            key.secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=CLOCK_SKEW,
            options={"verify_exp": False},
        )
    except jwt.PyJWTError:
        raise Malformed from None
    return Claim("jwt", claims["jti"], claims["rnd"])


def _well_formed(claims: dict[str, Any]) -> bool:
    return (
        claims.keys() - {"exp"} == _CLAIMS
        and all(isinstance(claims[name], str) for name in ("iss", "aud", "sub", "jti", "rnd"))
        # `type(...) is int`: True is an int, too, and 1.5e9 a time to PyJWT.
        and all(
            type(claims[name]) is int and 0 <= claims[name] < _LATEST_TIME
            for name in ("iat", "nbf", "exp")
            if name in claims
        )
        and len(claims["jti"]) == PUBLIC_ID_LENGTH
        and len(claims["rnd"]) == SECRET_LENGTH
        and all(_BASE62.fullmatch(claims[name]) for name in ("jti", "rnd"))
    )


def _canonical_bytes(part: str) -> bytes:
    """base64url without padding, in its one spelling: Python decodes others to the same bytes."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Malformed from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode("ascii"):
        raise Malformed
    return raw


def _canonical_object(part: str) -> dict[str, Any]:
    """A compact JSON object: written again it is the same bytes, so no name stands twice."""
    raw = _canonical_bytes(part)
    try:
        value = orjson.loads(raw)
        same = isinstance(value, dict) and orjson.dumps(value) == raw
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise Malformed from None
    if not same:
        raise Malformed
    result: dict[str, Any] = value
    return result
