"""Which parts of a run are kept, as its pipe wants it: everything, or all but the bodies.

Bodies are what came in and went out, what was sent and received, and the values that steps told of.
What stays tells what happened: who called, names and statuses of steps, addresses without their
query, headers, times, error sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dynamic.flow.outcome import Status
from dynamic.models.pipe import KeepBodies

NOT_KEPT = "… not kept"
# What an entry of the trace holds of values, and where it holds entries of other steps.
_VALUES = ("value", "data", "mail", "caught")
_INNER = ("steps", "then")


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a pipe wants of its runs' records."""

    bodies: str = KeepBodies.ALL  # one of KeepBodies
    names: frozenset[str] = frozenset()  # masked as the built-in ones are; lower case

    def keeps_bodies(self, status: str) -> bool:
        """Whether a run of this status keeps them. One that has not ended may yet end badly."""
        if self.bodies == KeepBodies.ERRORS:
            return status != Status.SUCCESS
        return self.bodies != KeepBodies.OFF


KEEP_ALL = Keeping()


def without_bodies(row: dict[str, Any]) -> dict[str, Any]:
    """A run's input, answer and trace without bodies."""
    came = row["input"]
    return {
        "input": {
            **came,
            "query": dict.fromkeys(came["query"], NOT_KEPT),
            "payload": NOT_KEPT,  # always: it tells that they were left out
        },
        "answer": _replaced(row["answer"]),
        "trace": _entries(row["trace"]),
    }


def lacks_bodies(came: dict[str, Any]) -> bool:
    """Whether the bodies of the run with this input were left out when it was stored."""
    return bool(came.get("payload") == NOT_KEPT)


def _entries(trace: list[Any]) -> list[Any]:
    return [_entry(entry) for entry in trace]


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    kept = dict(entry)
    for part, change in _CHANGES.items():
        if part in kept:
            kept[part] = change(kept[part])
    return kept


def _replaced(value: Any) -> Any:
    return value if value is None else NOT_KEPT


def _request(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "url": _address(request["url"]), "body": _replaced(request["body"])}


def _response(response: dict[str, Any]) -> dict[str, Any]:
    return {**response, "data": _replaced(response["data"])}


def _attempts(attempts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**attempt, "url": _address(attempt["url"])} for attempt in attempts]


def _address(url: str) -> str:
    address, mark, _ = url.partition("?")
    return f"{address}?{NOT_KEPT}" if mark else address


def _items(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "steps": _entries(item["steps"])} for item in items]


_CHANGES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_VALUES, _replaced),
    **dict.fromkeys(_INNER, _entries),
    "request": _request,
    "response": _response,
    "attempts": _attempts,
    "items": _items,
}
