"""A flow that another has changed meanwhile is not overwritten: ETag and If-Match (RFC 9110)."""

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from dynamic.models import Flow
from dynamic.systems.drafts import fingerprint

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of the flow as you read it: 412 `changed` where it is another now.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="Of the flow's name and draft, for `If-Match`.",
)


class Changed(APIException):
    status_code = 412
    default_code = "changed"
    default_detail = "The flow was changed since you read it: read it again, then repeat this."


def etag_of(flow: Flow) -> str:
    return f'"{fingerprint(flow)}"'


def require_match(request: Request, flow: Flow) -> None:
    """Raise Changed where `If-Match` was sent and names another state of the flow."""
    written = request.headers.get("If-Match")
    if written is None:
        return
    # Proxies that compress an answer make its tag a weak one.
    tags = {tag.removeprefix("W/") for tag in parse_etags(written)}
    if not tags & {"*", etag_of(flow)}:
        raise Changed


def tagged(response: Response) -> Response:
    """The answer with the tag of the flow that it shows."""
    shown = Flow(name=response.data["name"], draft=response.data["draft"])
    response["ETag"] = etag_of(shown)
    return response
