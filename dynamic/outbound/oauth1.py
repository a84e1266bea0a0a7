"""OAuth 1.0a: every request is signed, nothing secret is sent (RFC 5849). By oauthlib."""

from dataclasses import dataclass, field
from typing import Any

from oauthlib.oauth1 import Client as Signer

from dynamic.flow.exchange import Refused, Request
from dynamic.outbound.auth import with_header
from dynamic.outbound.spellings import spellings

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class OAuth1:
    """`signature_method` is HMAC-SHA1, HMAC-SHA256, HMAC-SHA512 or PLAINTEXT."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False, default="")
    token_secret: str = field(repr=False, default="")
    signature_method: str = "HMAC-SHA1"
    realm: str = ""

    def apply(self, request: Request) -> Request:
        """A new request with the Authorization header of its signature."""
        signer = Signer(
            self.consumer_key,
            client_secret=self.consumer_secret,
            resource_owner_key=self.token or None,
            resource_owner_secret=self.token_secret or None,
            signature_method=self.signature_method,
            realm=self.realm or None,
        )
        method: Any = request.method  # oauthlib's types name nine
        try:
            form = self._form(request)
            headers = {"Content-Type": _FORM} if form is not None else {}
            _, signed, _ = signer.sign(request.url, method, form, headers)
        except ValueError:
            raise Refused(
                f"{request.api}: this request cannot be signed with OAuth 1.0a. "
                "A GET takes no form, and a form must be valid."
            ) from None
        return with_header(request, "Authorization", signed["Authorization"])

    def secrets(self) -> tuple[str, ...]:
        return spellings(self.consumer_secret, self.token, self.token_secret)

    @staticmethod
    def _form(request: Request) -> str | None:
        """The fields of a form are signed, any other body is not (RFC 5849 section 3.4.1.3.1)."""
        for name, value in request.headers:
            if name.lower() == "content-type" and value.partition(";")[0].strip().lower() == _FORM:
                return (request.body or b"").decode()
        return None
