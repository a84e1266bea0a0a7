"""The statuses of runs in words."""

from dataclasses import dataclass

from dynamic.flow.outcome import Status
from dynamic.models.run import CANCELLED, QUEUED, RUNNING, UNKNOWN


@dataclass(frozen=True, slots=True)
class Words:
    label: str
    look: str  # of the badge: success, warning, danger, or none
    meaning: str


WORDS: dict[str, Words] = {
    Status.SUCCESS: Words("success", "success", "The flow answered."),
    Status.INVALID_INPUT: Words(
        "invalid input",
        "warning",
        "What came in does not match the flow’s schema; no step was run.",
    ),
    Status.FAILED: Words("failed", "danger", "The flow itself said so, by a step fail."),
    Status.UPSTREAM_FAILED: Words(
        "upstream failed",
        "danger",
        "A system gave no usable answer, or one with a status that is not fine.",
    ),
    Status.TIMED_OUT: Words("timed out", "danger", "The pipe’s deadline passed before its end."),
    Status.FLOW_ERROR: Words(
        "flow error", "danger", "A step could not do its work, such as an expression that failed."
    ),
    QUEUED: Words("queued", "", "Its caller does not wait. It has not begun yet."),
    RUNNING: Words("running", "warning", "It has begun and not ended."),
    UNKNOWN: Words(
        "unknown",
        "danger",
        "The server stopped in the middle. What it wrote until then is written: look in the "
        "systems that it calls before you repeat it.",
    ),
    CANCELLED: Words(
        "cancelled",
        "",
        "Somebody cancelled it, or it could not be begun any more. What it wrote until then is "
        "written.",
    ),
}


def words_of(status: str) -> Words:
    return WORDS.get(status) or Words(status, "", "")
