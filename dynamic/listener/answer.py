"""What goes out: an `Answer`, from a flow's outcome or from a refusal.

Refusals and failures are problem details (RFC 9457) with `code`, which programs may rely on, and
`request_id`. A 401 carries the challenge of RFC 6750 section 3.

A pipe whose failure mode is `compat` answers failures of its runs with 200 and an envelope, for
callers that were written against products that do so. What is refused before the run, and what
could not be recorded after it, stays a problem.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from apikeys import problems
from apikeys.verify import CHALLENGE, Denied
from dynamic.flow.runner import Outcome, Status

# An answer is data. Should a browser show one, it must not act within our origin.
_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_FAILURES = {
    Status.INVALID_INPUT: (400, "invalid_input"),
    Status.FAILED: (422, "flow_failed"),
    Status.UPSTREAM_FAILED: (502, "upstream_failed"),
    Status.TIMED_OUT: (504, "deadline_passed"),
    Status.FLOW_ERROR: (500, "flow_error"),
}


class Refusal(Exception):
    """The call ends here, before its flow; what the caller is told."""

    def __init__(
        self, status: int, code: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


@dataclass(slots=True)
class Answer:
    """`headers` come on top of those that every answer has."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    value: Any = None  # the body before it was written, for the run's record

    def all_headers(self) -> dict[str, str]:
        headers = {**_ALWAYS, **self.headers}
        if self.content_type:
            headers["Content-Type"] = self.content_type
        if self.status >= 200 and self.status not in {204, 304}:
            headers["Content-Length"] = str(len(self.body))
        return headers


def problem(status: int, code: str, detail: str, **more: Any) -> Answer:
    value = problems.problem(status, code, detail, **more)
    return Answer(status, orjson.dumps(value), problems.MEDIA_TYPE, value=value)


def refused(refusal: Refusal, request_id: str) -> Answer:
    answer = problem(refusal.status, refusal.code, refusal.detail, request_id=request_id)
    answer.headers.update(refusal.headers)
    answer.headers["Request-Id"] = request_id  # some refusals never reach `handle`
    return answer


def denied(error: Denied, request_id: str) -> Answer:
    code = error.error or "unauthorized"
    answer = problem(error.status, code, error.detail, request_id=request_id)
    challenge = CHALLENGE
    if error.error:
        challenge += f', error="{error.error}", error_description="{error.detail}"'
    answer.headers["WWW-Authenticate"] = challenge
    return answer


def from_outcome(outcome: Outcome, run_id: str, request_id: str, *, compat: bool = False) -> Answer:
    """The flow's own answer; a problem, or the envelope, where it failed. All name the run."""
    if outcome.status == Status.SUCCESS:
        answer = _returned(outcome)
    else:
        answer = _envelope(outcome) if compat else _failed(outcome, run_id, request_id)
    answer.headers["Run-Id"] = run_id
    answer.headers["Run-Status"] = outcome.status.value
    return answer


def _failure(outcome: Outcome) -> tuple[int, str]:
    """The status and the code of a failure."""
    status, code = _FAILURES[outcome.status]
    if outcome.status == Status.FAILED:
        status = outcome.http_status or status
    return status, code


def _failed(outcome: Outcome, run_id: str, request_id: str) -> Answer:
    status, code = _failure(outcome)
    more: dict[str, Any] = {"request_id": request_id, "run_id": run_id}
    if outcome.problems:
        more["problems"] = outcome.problems
    if outcome.data is not None:
        more["data"] = outcome.data
    return problem(status, code, outcome.message, **more)


def _envelope(outcome: Outcome) -> Answer:
    """`status` is the one that a pipe of the other failure mode answers with."""
    status, code = _failure(outcome)
    value = {
        "success": False,
        "status": status,
        "message": outcome.message,
        "error_code": code,
        "data": {} if outcome.data is None else outcome.data,
        "additional_data": {"problems": outcome.problems} if outcome.problems else {},
    }
    return Answer(200, orjson.dumps(value), "application/json", value=value)


def _returned(outcome: Outcome) -> Answer:
    status = outcome.http_status or 200
    headers = {name.title(): value for name, value in outcome.headers.items()}
    content_type = headers.pop("Content-Type", "")
    if status in {204, 304}:
        return Answer(status, headers=headers)
    if isinstance(outcome.body, str) and content_type and "json" not in content_type:
        body = outcome.body.encode("utf-8")
    else:
        body = orjson.dumps(outcome.body)
        content_type = content_type or "application/json"
    return Answer(status, body, content_type, headers, value=outcome.body)
