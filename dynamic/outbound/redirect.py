"""Where an answer sends a request on to (RFC 9110 section 15.4)."""

from dataclasses import replace
from urllib.parse import urljoin

from dynamic.flow.exchange import Refused, Request, Response, Unusable
from dynamic.outbound.destination import origin

MOST = 5
_STATUSES = frozenset({301, 302, 303, 307, 308})
# What is neither a credential nor could be one in disguise, as an X-Api-Key row is.
_HARMLESS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
_OF_THE_BODY = frozenset({"content-type", "content-encoding", "content-language"})


def redirected(request: Request, response: Response) -> Request | None:
    """The request to make next; None where the answer is final.

    Across origins it takes no header along that could be a credential. Raises Unusable where its
    body would have to go there, and `Refused` where the location is no URL to call.
    """
    location = response.headers.get("location", "")
    if response.status_code not in _STATUSES or not location:
        return None
    url = resolved(request.url, location)
    onward = replace(request, url=url)
    # Browsers and all other clients turn a POST into a GET here; RFC 9110 15.4.2 and 15.4.3
    # allow it. 303 is meant so.
    if response.status_code == 303 or (
        response.status_code in {301, 302} and request.method == "POST"
    ):
        onward = _without_body(onward)
    if leaves(request.url, url):
        if onward.body:
            raise Unusable(
                f"{request.api} answered {response.status_code}: its body should go to another "
                "host, and does not."
            )
        kept = tuple(row for row in onward.headers if row[0].lower() in _HARMLESS)
        onward = replace(onward, headers=kept)
    return onward


def resolved(url: str, reference: str) -> str:
    """The URL that a reference in an answer means. Raises `Refused` where it means none."""
    try:
        return urljoin(url, reference)
    except ValueError:
        raise Refused("The answer's link cannot be read as a URL.") from None


def leaves(old: str, new: str) -> bool:
    """Whether the second URL is of another origin (RFC 6454)."""
    return origin(old) != origin(new)


def _without_body(request: Request) -> Request:
    method = "HEAD" if request.method == "HEAD" else "GET"
    kept = tuple(row for row in request.headers if row[0].lower() not in _OF_THE_BODY)
    return replace(request, method=method, headers=kept, body=None)
