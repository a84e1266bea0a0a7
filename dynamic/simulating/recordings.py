"""The answers that a run got, out of its trace, to be given again."""

from collections.abc import Iterator
from typing import Any

from dynamic.flow.exchange import Entry
from dynamic.simulating.mocks import Mock, Reply, signature

# Where a step's entry in the trace holds the entries of other steps.
INNER = ("items", "steps", "then")
_MISSING = "was not made in the run that is played again: choose another mock for it."


def recorded_mock(trace: list[Entry], api: str) -> Mock:
    """What an API call answered in a run, in the order in which the run made its calls."""
    replies = [reply for entry in entries(trace) if _api(entry) == api and (reply := _reply(entry))]
    return Mock(replies, _MISSING)


def entries(trace: list[Any]) -> Iterator[Entry]:
    """Every step's entry, those inside another one after it."""
    for entry in trace:
        if not isinstance(entry, dict):  # "… and 20 more", where the record of a run was cut
            continue
        yield entry
        for key in INNER:
            for inner in entry.get(key, []):
                # A loop keeps the steps of each item, anything else its steps.
                yield from entries(_steps(inner) if key == "items" else [inner])


def _steps(item: Any) -> list[Entry]:
    return item["steps"] if isinstance(item, dict) else []


def _api(entry: Entry) -> Any:
    return entry.get("request", {}).get("api")


def _reply(entry: Entry) -> Reply | None:
    """None where the run ended before an answer came."""
    request, response = entry["request"], entry.get("response")
    made_for = signature(request["method"], request["url"], request["body"])
    if response is None:
        failure = entry.get("error", "")
        return Reply(failure=failure, made_for=made_for) if failure else None
    return Reply(
        response["status_code"],
        response["headers"],
        response["data"],
        response.get("pages"),
        made_for=made_for,
    )
