"""DRF authentication by key: thin callers of `apikeys.presented` and `apikeys.verify`."""

import logging
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db import Error
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import User
from apikeys import records
from apikeys.limiting import FAILED, LIMITS, TooMany, Window, calls_of_key, network_of
from apikeys.notebook import NOTEBOOK
from apikeys.presented import PARAMETERS, InvalidRequest, find, parameters, raw_headers
from apikeys.verify import CHALLENGE, Caller, Denied, caller_of, claim_of

log = logging.getLogger(__name__)


class Limited(exceptions.APIException):
    """429; `headers` go into the answer."""

    status_code = 429

    def __init__(self, error: TooMany) -> None:
        super().__init__(str(error), error.code)
        self.headers = error.window.headers()


class KeyAuthentication(BaseAuthentication):
    """`request.user` is the key's owner, `request.auth` the `Caller`."""

    def authenticate(self, request: Request) -> tuple[User, Caller] | None:
        try:
            caller = _caller(request)
        except InvalidRequest as error:
            raise exceptions.ParseError(str(error), "invalid_request") from None
        except Denied as error:
            if error.status == 403:
                raise exceptions.PermissionDenied(error.detail, error.error) from None
            raise exceptions.AuthenticationFailed(error.detail, error.error) from None
        except TooMany as error:
            raise Limited(error) from None
        return (User.objects.get(pk=caller.owner_id), caller) if caller else None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _caller(request: Request) -> Caller | None:
    try:
        pairs = parameters(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    except InvalidRequest:
        _show_query(request, "")  # the page that says so repeats the query
        raise
    kept = [(name, value) for name, value in pairs if name not in PARAMETERS]
    if len(kept) < len(pairs):
        _show_query(request, urlencode(kept))
    presented = find(raw_headers(request.headers), pairs, query_allowed=settings.QUERY_CREDENTIALS)
    if presented is None:
        return None
    address = request.META.get("REMOTE_ADDR", "")
    _limit(LIMITS.look(FAILED, network_of(address)))
    record = None
    try:
        claim = claim_of(presented, settings.JWT_KEYS)
        record = records.load(claim.public_id)
        caller = caller_of(claim, record, presented, address, settings.PEPPERS, datetime.now(UTC))
        caller.require_method(request.method or "GET")
    except Denied as denied:
        if record:
            _note_denial(request, record.public_id, denied.reason, address)
        if denied.status == 401:
            _limit(LIMITS.hit(FAILED, network_of(address)))
        raise
    if (most := caller.record.calls_per_minute) is not None:
        _limit(LIMITS.hit(calls_of_key(most), caller.record.public_id))
    NOTEBOOK.rehashes.note(caller.record, claim)
    NOTEBOOK.usage.note(caller, request.method or "GET")
    _write_notebook()
    return caller


def _limit(window: Window) -> None:
    if not window.allowed:
        raise TooMany(window)


def _note_denial(request: Request, public_id: str, reason: str, address: str) -> None:
    request_id = getattr(request._request, "request_id", "")
    NOTEBOOK.denials.note(public_id, reason, request_id=request_id, address=address)
    _write_notebook()


def _write_notebook() -> None:
    """Here and now, as under WSGI there may be no background that does."""
    try:
        NOTEBOOK.write_due()
    except Error as error:
        log.warning("What keys were used for was not noted yet: %s", error)


def _show_query(request: Request, query: str) -> None:
    """What comes later, such as a link to the next page, repeats the query: no credential in it."""
    request.META["QUERY_STRING"] = query
    request._request.__dict__.pop("GET", None)  # cached; read anew from the query string
