"""Every answer that a call can get, besides what the flow returns: docs/calling-a-pipe.md.

By status, in a sentence. Each is a problem (RFC 9457), but for failures of the runs of a pipe
whose failure mode is `compat`.
"""

from apikeys.problems import SCHEMA

BEFORE_THE_RUN = {
    400: "The request, its body or the input is not as it must be, or the pipe is off or archived.",
    401: "No credential, or one that is not valid, expired or revoked.",
    403: "The key is not for this pipe, this method or this address.",
    404: "The key's owner has no such pipe.",
    405: "The pipe does not take this method; `Allow` lists those that it takes.",
    408: "The body did not arrive within the pipe's deadline.",
    409: "The call of this `Idempotency-Key` is under way, or nobody knows how it ended.",
    413: "The body is larger than the pipe takes.",
    415: "The body has a media type, a charset or an encoding that is not understood.",
    429: "Too many calls, or too many failed keys from this address; see `Retry-After`.",
    431: "Too many headers, or too large ones.",
    503: "Keys cannot be checked just now, or the run could not be recorded.",
}
# What a pipe of the other failure mode answers so, too.
OF_NO_RUN = {
    422: "This `Idempotency-Key` came before, with another request.",
    500: "A defect of ours.",
}
OF_THE_RUN = {
    422: "The flow ended with `fail`, unless it chose another status. Or this `Idempotency-Key` "
    "came before, with another request.",
    500: "The flow's own mistake, or ours.",
    502: "A system did not answer, or with an error.",
    504: "The run took longer than the pipe's deadline.",
}

_OF_PROBLEMS = SCHEMA["properties"]
PROBLEM = SCHEMA | {
    "properties": _OF_PROBLEMS
    | {
        "run_id": {"type": "string", "description": "Where the flow ran."},
        "data": {"description": "What a flow that failed tells besides."},
        "problems": _OF_PROBLEMS["problems"]
        | {"description": "Of an input that the flow does not take."},
    },
}
ENVELOPE = {
    "type": "object",
    "description": "A run that failed.",
    "required": ["success", "status", "message", "error_code", "data", "additional_data"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "status": {"type": "integer", "description": "400, 422, 500, 502, 504, or the flow's."},
        "message": {"type": "string"},
        "error_code": {"type": "string", "description": "For programs; it will not change."},
        "data": {"description": "What the flow tells besides; else an empty object."},
        "additional_data": {"type": "object", "description": "`problems` of the input, if any."},
    },
}
HEADERS = {
    "Request-Id": "Of this request; owners find by it why a key was refused.",
    "Run-Id": "Where the flow ran: its run.",
    "Run-Status": "Where the flow ran: how the run ended.",
}
