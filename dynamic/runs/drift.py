"""Drift: a live response lacks a field that the flow reads and the API call's sample has.

What a flow expects is worked out when it is loaded. Responses are compared on the recorder's
thread, after their runs are stored, so no caller waits for it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynamic.flow.exchange import Entry
from dynamic.flow.program import Program
from dynamic.flow.statuses import parse_statuses
from dynamic.models import ApiCall, Drift
from dynamic.models.drift import LONGEST_PATH

Fields = tuple[str, ...]
_Key = tuple[int, int, Fields]  # the ids of flow and API call, and a path
_MOST_TOLD = 10_000


@dataclass(frozen=True, slots=True)
class Expected:
    """What a step's answers from one API call are to have under `data`."""

    call_id: int
    fine: frozenset[int]  # the statuses of answers that are to have it
    paths: tuple[Fields, ...]


@dataclass(frozen=True, slots=True)
class OfFlow:
    """What one flow's published version expects: by the step's name and the API call's."""

    flow_id: int
    steps: Mapping[tuple[str, str], Expected]


@dataclass(frozen=True, slots=True)
class Expectations:
    """Those of a flow, and of the flows that it runs, by slug."""

    main: str
    flows: Mapping[str, OfFlow]


@dataclass(frozen=True, slots=True)
class Seen:
    """The trace of a run, as it happened, and what was expected of it."""

    run_id: str
    trace: list[Entry]
    expectations: Expectations


def of_flow(flow_id: int, program: Program, calls: Mapping[str, ApiCall]) -> OfFlow:
    """What a program expects of these API calls, which are by name."""
    steps: dict[tuple[str, str], Expected] = {}
    for name in {api for api, _ in program.uses}:
        call = calls[name]
        for step, paths in program.fields_read.items():
            known = tuple(path for path in sorted(paths) if has(call.sample_response, path))
            if known:
                fine = parse_statuses(call.fine_statuses)
                steps[step, name] = Expected(call.pk, fine, known)
    return OfFlow(flow_id, steps)


def has(data: Any, path: Fields) -> bool | None:
    """Whether data has a field, in any item of a list. None: there is nothing to tell it by.

    That is an empty list, and null or nothing where an object with the field would be.
    """
    if not path:
        return True
    if data is None or data == "":
        return None
    if isinstance(data, list):
        found = {has(item, path) for item in data}
        return True if True in found else None if None in found or not found else False
    if isinstance(data, dict) and path[0] in data:
        return has(data[path[0]], path[1:])
    return False


class DriftNotes:
    """Notes drifts, each once; for one thread."""

    def __init__(self) -> None:
        self._told: set[_Key] = set()

    def note(self, runs: Iterable[Seen]) -> None:
        """Store what is new."""
        found: dict[_Key, str] = {}
        for run in runs:
            for drift in _lacking(run):
                if drift not in self._told:
                    found.setdefault(drift, run.run_id)
        if found:
            Drift.objects.bulk_create(_rows(found), ignore_conflicts=True)
            if len(self._told) > _MOST_TOLD:
                self._told.clear()  # the database knows them, too
            self._told.update(found)


def _rows(found: Mapping[_Key, str]) -> Iterator[Drift]:
    for (flow_id, call_id, path), run_id in found.items():
        text = json.dumps(path, ensure_ascii=False)
        if len(text) <= LONGEST_PATH and "\0" not in text:
            yield Drift(flow_id=flow_id, call_id=call_id, path=text, run_id=run_id)


def _lacking(run: Seen) -> Iterator[_Key]:
    flows = run.expectations.flows
    for slug, entry in _calls(run.expectations.main, run.trace):
        request, response = entry.get("request"), entry.get("response")
        if slug not in flows or not request or not response:
            continue
        expected = flows[slug].steps.get((entry["step"], request["api"]))
        if expected is None or response["status_code"] not in expected.fine:
            continue
        for path in expected.paths:
            if has(response["data"], path) is False:
                yield flows[slug].flow_id, expected.call_id, path


def _calls(slug: str, trace: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    """All calls of a run, in loops and in flows that were run, each with its flow's slug."""
    for entry in trace:
        if entry["kind"] == "call":
            yield slug, entry
        elif entry["kind"] == "run":
            yield from _calls(entry.get("flow", ""), entry.get("steps", ()))
        yield from _calls(slug, entry.get("then", ()))
        for item in entry.get("items", ()):
            yield from _calls(slug, item["steps"])
