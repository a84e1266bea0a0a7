"""`Callback-Url`: where a caller that does not wait wants to be told how its run ended."""

import re
from ipaddress import ip_address

from django.conf import settings

from dynamic.flow.exchange import Refused
from dynamic.listener.answer import Refusal
from dynamic.listener.pipes import PipeRecord
from dynamic.outbound.destination import destination
from dynamic.outbound.guard import AddressRefused, Guard

HEADER = "callback-url"
LONGEST = 2000  # characters

_WITH_CREDENTIALS = re.compile(r"[^:/?#]*://[^/?#]*@")


def callback_of(headers: dict[str, str], pipe: PipeRecord, *, is_async: bool) -> str:
    """Take the header out of those that the flow and the run's record get: it may hold a secret.

    Gives "" where none was sent. Raises Refusal: the caller waits, or it is no URL that could be
    called, or the pipe has nothing to sign with.
    """
    if HEADER not in headers:
        return ""
    if not is_async:
        raise Refusal(
            400,
            "callback_without_async",
            "Callback-Url goes with Prefer: respond-async alone. Send both, or neither.",
        )
    url = headers.pop(HEADER)
    _check(url)
    if not pipe.callback_secret:
        raise Refusal(
            400,
            "no_callback_secret",
            "This pipe has no secret to sign callbacks with. Its owner makes one on its page, "
            "under Callbacks.",
        )
    return url


def _check(text: str) -> None:
    if len(text) > LONGEST:
        raise _invalid(f"The URL has more than {LONGEST} characters.")
    if _WITH_CREDENTIALS.match(text):
        raise _invalid("The URL holds a user name or password before its host.")
    try:
        url = destination(text)
    except Refused as error:
        raise _invalid(str(error)) from None
    host, port = str(url.raw_host), url.port or 0
    if url.scheme != "https" and not settings.OUTBOUND_ALLOWED.names(host, port):
        raise _invalid(
            "The URL must begin with https://. Without it goes only what the operator allows by "
            "its host name or address (INTEGRATOR_OUTBOUND_ALLOW)."
        )
    try:
        if _is_address(host):  # a name is judged by what it stands for, once it is called
            Guard(settings.OUTBOUND_ALLOWED).check(host, host, port)
    except AddressRefused as error:
        raise _invalid(str(error)) from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _invalid(detail: str) -> Refusal:
    return Refusal(400, "invalid_callback_url", f"Callback-Url: {detail}")
