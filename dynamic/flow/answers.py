"""What a flow keeps of an exchange: `steps.<name>` for its expressions, and the trace."""

from typing import Any

from dynamic.flow.exchange import Request, Response, UpstreamFailed


def answer(response: Response, *, fine: bool) -> dict[str, Any]:
    """Give `steps.<name>` for an answer; `fine` says whether the API call calls its status so."""
    kept = {
        "status": fine,
        "status_code": response.status_code,
        "data": response.data,
        "headers": response.headers,
        "ms": response.ms,
    }
    return kept | {"pages": response.pages} if response.pages else kept


def no_answer(error: UpstreamFailed) -> dict[str, Any]:
    """Give `steps.<name>` where no usable answer came: status code 0, and the reason."""
    return {
        "status": False,
        "status_code": 0,
        "data": None,
        "headers": {},
        "ms": error.ms,
        "error": str(error),
    }


def traced_request(request: Request) -> dict[str, Any]:
    """Give a request as JSON data; headers stay pairs, for a name may come twice."""
    return {
        "api": request.api,
        "method": request.method,
        "url": request.url,
        "headers": [list(pair) for pair in request.headers],
        "body": None if request.body is None else request.body.decode(errors="replace"),
    }


def traced_response(response: Response) -> dict[str, Any]:
    traced = {
        "status_code": response.status_code,
        "headers": response.headers,
        "data": response.data,
    }
    return traced | {"pages": response.pages} if response.pages else traced
