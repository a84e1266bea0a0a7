"""OAuth 2.0: how a token is asked for and refreshed (RFC 6749). By oauthlib.

client_credentials    section 4.4      password    section 4.3
authorization_code    section 4.1, with PKCE (RFC 7636): a person allows access once, in
                      `dynamic.systems.consent`; from then on the token is refreshed
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import orjson
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.parameters import parse_token_response, prepare_token_request

from dynamic.flow.exchange import NoToken, Request, Response, UpstreamFailed
from dynamic.outbound.auth import Basic, NoAuth
from dynamic.outbound.tokens import Send, Token, issued

Grant = Literal["client_credentials", "password", "authorization_code"]


@dataclass(frozen=True, slots=True)
class OAuth2:
    """`values` are the credential's; `params` go into each request for a token."""

    system: str
    credential: int
    made_for: str
    grant: Grant
    token_url: str
    scope: str
    client_auth: Literal["basic", "body"]
    params: tuple[tuple[str, str], ...]
    values: dict[str, str] = field(repr=False)
    authorize_url: str = ""

    async def obtain(self, send: Send, last: Token | None) -> Token:
        """Refresh the last token where that can be; or else ask for a new one. Raises NoToken."""
        refresh = last.answer.get("refresh_token") if last else None
        if refresh:
            try:
                answer = await self._ask(send, "refresh_token", refresh_token=refresh)
            except _Refused:
                if self.grant == "authorization_code":
                    raise
            else:
                # A refresh may give a new refresh token or leave the old one (section 6), for
                # which some servers write null.
                return _token(answer | {"refresh_token": answer.get("refresh_token") or refresh})
        if self.grant == "authorization_code":
            raise NoToken(
                f"{self.system}: nobody has allowed access yet, or it has ended. Open the "
                "credential's page and choose Connect."
            )
        if self.grant == "client_credentials":
            return _token(await self._ask(send, self.grant, scope=self.scope))
        return _token(
            await self._ask(
                send,
                self.grant,
                username=self.values["username"],
                password=self.values["password"],
                scope=self.scope,
            )
        )

    async def exchange(self, send: Send, code: str, redirect_uri: str, verifier: str) -> Token:
        """The token for the code that a person brought back (sections 4.1.3, 4.1.4)."""
        return _token(
            await self._ask(
                send,
                "authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=verifier,
            )
        )

    def consent_url(self, redirect_uri: str, state: str, verifier: str) -> str:
        """Where a person is sent to allow access (section 4.1.1)."""
        client = WebApplicationClient(self.values["client_id"])
        challenge = client.create_code_challenge(verifier, "S256")
        params = [
            ("response_type", "code"),
            ("client_id", self.values["client_id"]),
            ("redirect_uri", redirect_uri),
            ("scope", self.scope),
            ("state", state),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
            *self.params,
        ]
        return str(add_params_to_uri(self.authorize_url, [pair for pair in params if pair[1]]))

    async def _ask(self, send: Send, grant: str, **fields: str) -> dict[str, Any]:
        request = self._request(grant, fields)
        try:
            response = await send(request)
        except UpstreamFailed as error:
            raise NoToken(f"{self.system}: the token request failed. {error}") from None
        return self._read(response)

    def _request(self, grant: str, fields: dict[str, str]) -> Request:
        secret = self.values.get("client_secret", "")
        in_body = self.client_auth == "body" or not secret
        if in_body and secret:
            fields["client_secret"] = secret
        body = prepare_token_request(
            grant,
            body=urlencode(list(_beside(self.params, fields))),
            include_client_id=in_body,
            client_id=self.values["client_id"],
            **fields,
        )
        request = Request(
            api=f"{self.system} (token)",
            method="POST",
            url=self.token_url,
            headers=(
                ("Accept", "application/json"),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ),
            body=body.encode(),
        )
        auth = NoAuth() if in_body else Basic(self.values["client_id"], secret)
        return auth.apply(request)

    def _read(self, response: Response) -> dict[str, Any]:
        data = response.data
        if isinstance(data, dict):  # some say `"error": null` beside a token
            data = {name: value for name, value in data.items() if value is not None}
        text = data if isinstance(data, str) else orjson.dumps(data).decode()
        try:
            # Given a scope, it takes another one than was asked for as an error.
            answer = dict(parse_token_response(text))
            orjson.dumps(answer)  # as it is kept: Python reads more than JSON may hold
            if answer["access_token"] and isinstance(answer["access_token"], str):
                return answer
        except OAuth2Error as error:
            raise _Refused(self._sentence(response, str(error.error), error.description)) from None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            pass  # No object, or one of other things.
        raise NoToken(
            f"{self.system}: the token request was answered with status "
            f"{response.status_code}, and not with a token (RFC 6749 section 5.1)."
        )

    def _sentence(self, response: Response, error: str, description: str | None) -> str:
        why = f"{error}: {description}" if description else error
        return (
            f"{self.system}: the token request was answered with status {response.status_code}, "
            f"{why[:300]}."
        )


class _Refused(NoToken):
    """The server said no, in OAuth's own words (RFC 6749 section 5.2)."""


def _beside(params: Iterable[tuple[str, str]], fields: dict[str, str]) -> Iterable[tuple[str, str]]:
    """The parameters that do not stand in for what the request says itself."""
    taken = fields.keys() | {"grant_type", "client_id", "client_secret"}
    return (pair for pair in params if pair[0] not in taken)


def _token(answer: dict[str, Any]) -> Token:
    answer = {
        name: " ".join(value) if name == "scope" and isinstance(value, list) else value
        for name, value in answer.items()
    }
    lifetime = answer.get("expires_in")
    # Less than nothing is how some servers write “for ever”.
    expires_at = time.time() + float(lifetime) if lifetime and lifetime > 0 else None
    return issued(answer, expires_at)
