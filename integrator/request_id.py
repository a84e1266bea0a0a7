"""A name for each request that Django answers, in the header `Request-Id` of the answer.

The listener's ASGI door names its own.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from apikeys.problems import new_request_id


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = new_request_id()  # type: ignore[attr-defined]
        response = self._get_response(request)
        if "Request-Id" not in response:
            response["Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response
