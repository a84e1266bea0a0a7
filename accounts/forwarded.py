"""Behind proxies: give Django the caller's address, and believe no other's word on https."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ForwardedMiddleware:
    """First of all, so that everything after it sees the caller in REMOTE_ADDR."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = request.META.get("REMOTE_ADDR", "")
        headers = [
            (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, value in request.headers.items()
        ]
        if not settings.PROXIES.trusts(peer):
            # What SECURE_PROXY_SSL_HEADER would believe from anybody.
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        request.META["REMOTE_ADDR"] = settings.PROXIES.client_address(peer, headers)
        return self._get_response(request)
