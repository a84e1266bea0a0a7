"""DRF authentication by key: thin callers of `apikeys.presented` and `apikeys.verify`."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import User
from apikeys import records
from apikeys.presented import PARAMETERS, InvalidRequest, find, parameters, raw_headers
from apikeys.verify import CHALLENGE, Caller, Denied, caller_of, claim_of


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
    claim = claim_of(presented, settings.JWT_KEYS)
    record = records.load(claim.public_id)
    address, now = request.META.get("REMOTE_ADDR", ""), datetime.now(UTC)
    caller = caller_of(claim, record, presented, address, settings.PEPPERS, now)
    caller.require_method(request.method or "GET")
    return caller


def _show_query(request: Request, query: str) -> None:
    """What comes later, such as a link to the next page, repeats the query: no credential in it."""
    request.META["QUERY_STRING"] = query
    request._request.__dict__.pop("GET", None)  # cached; read anew from the query string
