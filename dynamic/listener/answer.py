"""What goes out: an `Answer`, from a flow's outcome or from a refusal.

Refusals and failures are problem details (RFC 9457) with `code`, which programs may rely on, and
`request_id`. A 401 carries the challenge of RFC 6750 section 3.
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


def from_outcome(outcome: Outcome, run_id: str, request_id: str) -> Answer:
    """The flow's own answer; a problem where it failed. Both name the run."""
    if outcome.status == Status.SUCCESS:
        answer = _returned(outcome)
    else:
        status, code = _FAILURES[outcome.status]
        if outcome.status == Status.FAILED:
            status = outcome.http_status or status
        more: dict[str, Any] = {"request_id": request_id, "run_id": run_id}
        if outcome.problems:
            more["problems"] = outcome.problems
        if outcome.data is not None:
            more["data"] = outcome.data
        answer = problem(status, code, outcome.message, **more)
    answer.headers["Run-Id"] = run_id
    answer.headers["Run-Status"] = outcome.status.value
    return answer


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
