"""Hashes and keyed hashes (HMAC, RFC 2104) of text in UTF-8, written as hex or base64."""

import base64
import hashlib
import hmac as keyed
from typing import Any

from dynamic.flow.functions.arguments import choice_of, text_of

ALGORITHMS = ("sha256", "sha512", "sha1", "md5")
ENCODINGS = ("hex", "base64")


def hash_text(text: Any = None, algorithm: Any = None, encoding: Any = None, *_: Any) -> str:
    data = text_of(text, "text").encode()
    name = choice_of(algorithm, "algorithm", ALGORITHMS)
    # Upstreams ask for MD5 and SHA-1 as checksums; a hardened OpenSSL refuses them otherwise.
    return _encoded(hashlib.new(name, data, usedforsecurity=False).digest(), encoding)


def hmac_text(
    text: Any = None, key: Any = None, algorithm: Any = None, encoding: Any = None, *_: Any
) -> str:
    data = text_of(text, "text").encode()
    secret = text_of(key, "key").encode()
    if not secret:
        raise ValueError("The key is empty")
    name = choice_of(algorithm, "algorithm", ALGORITHMS)
    return _encoded(keyed.digest(secret, data, name), encoding)


def _encoded(digest: bytes, encoding: Any) -> str:
    if encoding is None or choice_of(encoding, "encoding", ENCODINGS) == "hex":
        return digest.hex()
    return base64.b64encode(digest).decode()
