"""What all of the REST API shares: errors are problem details, and nothing is cached.

`REST_FRAMEWORK`, `MIDDLEWARE` and the site map point here.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views import defaults
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apikeys.problems import MEDIA_TYPE, problem
from apikeys.verify import CHALLENGE
from integrator.parsers import BodyTooLarge

PREFIX = "/v1/"

# DRF's codes, where ours differ.
_CODES = {
    "not_authenticated": "unauthorized",
    "authentication_failed": "invalid_token",
    "parse_error": "invalid_body",
    "throttled": "too_many_attempts",
}
_BEARER_ERRORS = {"invalid_token", "insufficient_scope"}  # RFC 6750 section 3.1

log = logging.getLogger(__name__)


class ProblemRenderer(JSONRenderer):
    media_type = MEDIA_TYPE


def to_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None for a defect of ours, which goes on to `server_error`."""
    request = context["request"]
    more: dict[str, Any] = {"request_id": getattr(request._request, "request_id", "")}
    error = _of_the_request(error)
    response = exception_handler(error, context)
    if response is None:
        log.error("Request %s failed; its traceback follows.", more["request_id"])
        return None
    if isinstance(error, exceptions.ValidationError):
        code, detail = "invalid_input", "The input is not valid: see `problems`."
        more["problems"] = list(_problems(error.detail))
    else:
        detail = str(response.data["detail"])
        code = response.data["detail"].code
        code = _CODES.get(code, code)
    response.data = problem(response.status_code, code, detail, **more)
    if code in _BEARER_ERRORS:
        response["WWW-Authenticate"] = f'{CHALLENGE}, error="{code}", error_description="{detail}"'
    for name, value in getattr(error, "headers", {}).items():
        response[name] = value
    renderer = getattr(request, "accepted_renderer", None)
    if renderer is None or renderer.media_type != "text/html":  # pages show it themselves
        request.accepted_renderer, request.accepted_media_type = ProblemRenderer(), MEDIA_TYPE
    return response


def _of_the_request(error: Exception) -> Exception:
    """What Django finds wrong with a request is no defect of ours; its page would be HTML."""
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError(
            "The request has too many fields, or is not valid.", "invalid_request"
        )
    return error


def _problems(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list of paths and messages, such as `networks[0]`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _problems(inner, path + _step(name, within=path))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            # A list of texts is several messages of one field; one of objects is its items.
            deeper = path + _step(number) if isinstance(inner, (dict, list)) else path
            yield from _problems(inner, deeper)
    else:
        yield {"path": path, "message": str(detail)}


def _step(name: str | int, within: str = "") -> str:
    """As the listener writes paths: `lines[0].sku`."""
    if name == "non_field_errors":
        return ""
    if isinstance(name, int):
        return f"[{name}]"
    return f".{name}" if within else name


class NoStoreMiddleware:
    """What the API answers is its caller's alone: no cache keeps it (RFC 9111 section 5.2.2.5)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if request.path.startswith(PREFIX) and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The site's handler400, for requests refused before any view, such as for another host."""
    if _is_of_a_program(request):
        return _answer(request, 400, "invalid_request", "The request is not valid here.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The site's handler404."""
    if _is_of_a_program(request):
        return _answer(request, 404, "not_found", "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """The site's handler500; the traceback is in the log, and nothing of it in the answer."""
    if _is_of_a_program(request):
        return _answer(request, 500, "internal_error", "The defect is ours, not yours.")
    return defaults.server_error(request)


def _is_of_a_program(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIX) and "text/html" not in request.headers.get("Accept", "")


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    value = problem(status, code, detail, request_id=getattr(request, "request_id", ""))
    return HttpResponse(orjson.dumps(value), status=status, content_type=MEDIA_TYPE)
