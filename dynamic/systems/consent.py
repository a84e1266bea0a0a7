"""A person allows us access at a system: OAuth 2.0, authorization code with PKCE.

    begin     a state and a verifier are kept, and the person is sent to the system's own page
    finish    the person comes back with a code, which is exchanged for a token

The state is 256 random bits, kept as a digest, good once, for ten minutes and for the person who
began (RFC 6749 section 10.12, RFC 9700 section 4.7): nobody can make another person's account
use an access of their own.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from dynamic.flow.exchange import NoToken, Request, Response
from dynamic.models import Consent, Credential
from dynamic.models.authentication import authentication
from dynamic.outbound.auth import NoAuth
from dynamic.outbound.client import Timeouts
from dynamic.outbound.delivery import Delivery
from dynamic.outbound.oauth2 import OAuth2
from dynamic.outbound.tokens import Token, TokenAuth
from dynamic.systems import vault
from dynamic.systems.trying import with_delivery

LASTS = timedelta(minutes=10)


class ConsentFailed(Exception):
    """Access was not allowed; the sentence is for the person who waits for it."""


def begin(user: User, credential: Credential) -> str:
    """The URL at the system to send the person to. Raises ConsentFailed."""
    recipe = _recipe(credential)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    Consent.objects.filter(created_at__lt=timezone.now() - LASTS).delete()
    Consent.objects.create(
        user=user, credential=credential, state_digest=_digest(state), verifier=verifier
    )
    return recipe.consent_url(redirect_uri(), state, verifier)


def finish(user: User, *, state: str, code: str, error: str) -> Credential:
    """Exchange the code for a token and keep it. Raises ConsentFailed."""
    consent = (
        Consent.objects.filter(
            user=user, state_digest=_digest(state), created_at__gt=timezone.now() - LASTS
        )
        .select_related("credential__system")
        .first()
    )
    # Of two who come with one state, one deletes it.
    if consent is None or not Consent.objects.filter(pk=consent.pk).delete()[0]:
        raise ConsentFailed(
            "This answer belongs to no connection that you began in the last ten minutes. "
            "Choose Connect again."
        )
    credential = consent.credential
    if error or not code:
        raise ConsentFailed(f"{credential.system} did not allow access: {error or 'no code'}.")
    recipe = _recipe(credential)
    try:
        token = with_delivery(lambda delivery: _exchanged(delivery, recipe, code, consent.verifier))
        vault.save(recipe, token)
    except NoToken as failure:
        raise ConsentFailed(str(failure)) from None
    return credential


def redirect_uri() -> str:
    """Where the system sends people back to; it has to be registered there."""
    return settings.SITE_URL + reverse("systems:oauth_callback")


async def _exchanged(delivery: Delivery, recipe: OAuth2, code: str, verifier: str) -> Token:
    async def send(request: Request) -> Response:
        return await delivery.send_plainly(request, NoAuth(), Timeouts(read=30.0))

    return await recipe.exchange(send, code, redirect_uri(), verifier)


def _recipe(credential: Credential) -> OAuth2:
    try:
        auth = authentication(credential.system, credential)
    except ValueError as error:
        raise ConsentFailed(f"The credential cannot be used: {error}") from None
    recipe = auth.recipe if isinstance(auth, TokenAuth) else None
    if not isinstance(recipe, OAuth2) or recipe.grant != "authorization_code":
        raise ConsentFailed(f"Nobody has to allow access to {credential.system}.")
    return recipe


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
