"""How a run ended."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    SUCCESS = "success"
    INVALID_INPUT = "invalid_input"  # the input does not match the flow's schema
    FAILED = "failed"  # the flow said `fail`
    UPSTREAM_FAILED = "upstream_failed"  # a call had no answer, or one that is not 2xx
    TIMED_OUT = "timed_out"  # the run's deadline passed
    FLOW_ERROR = "flow_error"  # a step could not do its work


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run. All values are plain JSON data, neither cut nor redacted."""

    status: Status
    http_status: int | None = None  # what the flow chose; None leaves it to the listener
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    message: str = ""  # a sentence; empty on success
    problems: list[dict[str, Any]] = field(default_factory=list)  # of an invalid input
    step: str = ""  # the one that ended the flow badly
    data: Any = None  # what `fail` wants to tell besides its message
    trace: list[dict[str, Any]] = field(default_factory=list)  # one entry a step
