"""What a flow keeps of an exchange: `steps.<name>` for its expressions, and the trace."""

from typing import Any

from dynamic.flow.exchange import Request, Response, UpstreamFailed


def answered_well(response: Response) -> bool:
    return 200 <= response.status_code <= 299


def answer(response: Response) -> dict[str, Any]:
    """Give `steps.<name>` for an answer; `status` tells whether it went well (2xx)."""
    return {
        "status": answered_well(response),
        "status_code": response.status_code,
        "data": response.data,
        "headers": response.headers,
        "ms": response.ms,
    }


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
        "body": None if request.body is None else request.body.decode(),
    }


def traced_response(response: Response) -> dict[str, Any]:
    return {
        "status_code": response.status_code,
        "headers": response.headers,
        "data": response.data,
    }
