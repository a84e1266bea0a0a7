"""Signed messages to whoever asked for them, after Standard Webhooks 1.0.0, its symmetric scheme:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"
_BYTES = 32  # of a secret; the specification wants 24 to 64


def new_secret() -> str:
    """As its holder gets it: `whsec_` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def texts_of(secret: str) -> frozenset[str]:
    """What of a secret gives it away where it is shown; nothing of "", which is none."""
    return frozenset({secret, secret.removeprefix(_PREFIX)} if secret else ())


def signed_headers(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of a message that is sent at this time, in seconds since 1970.

    Neither `message_id` nor the time may hold a dot, so that nothing can pass for another message.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message_id}.{at}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }
