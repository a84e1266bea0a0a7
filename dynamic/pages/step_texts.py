"""The steps of a run, out of its trace, as texts for a page."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from dynamic.pages.trial_text import request_text, response_text, value_text

MOST_SHOWN = 500  # steps; a loop in a loop makes thousands
_LONGEST = 4000  # characters of a body
_LONGEST_LINE = 80  # characters of a value that stands in one line
_LEAST_WIDTH = 0.5  # percent that a bar is wide, to be seen
# What a kind of step tells besides: the words of the trace, and ours.
_NOTES = {
    "taken": "Branch",
    "count": "Items",
    "done": "Items done",
    "level": "Level",
    "message": "Message",
    "caught": "Caught",
    "value": "Value",
    "data": "Data",
    "mail": "Mail",
    "mocked": "Simulated",
}
# Where an entry of the trace holds those of other steps, besides the items of a loop.
_INSIDE = {"steps": "Its steps", "then": "Its steps, after the answer"}


@dataclass(frozen=True, slots=True)
class Bar:
    """When something was under way, in percent of the whole."""

    start: str
    width: str


@dataclass(frozen=True, slots=True)
class StepText:
    label: str
    kind: str
    ms: float | None  # None where the run ended meanwhile
    error: str
    notes: list[tuple[str, str]]
    request: str = ""
    response: str = ""
    attempts: list[dict[str, Any]] = field(default_factory=list)
    inner: list["Inner"] = field(default_factory=list)
    stands: str = ""  # "before" it, or "inside" of it, does a simulation stand, or a run
    bar: Bar | None = None  # on a line of time, where the page has one

    @property
    def is_notable(self) -> bool:
        is_bad = self.error or self.kind == "fail"
        return bool(self.stands or is_bad) or any(inner.is_open for inner in self.inner)


@dataclass(frozen=True, slots=True)
class Inner:
    """Steps inside of another one."""

    title: str
    steps: list[StepText]

    @property
    def is_open(self) -> bool:
        """Whether a simulation stands among them, or one went wrong, however deep."""
        return any(step.is_notable for step in self.steps)


class StepTexts:
    """Makes at most MOST_SHOWN of them, and counts what is left out.

    With the milliseconds of the whole run each has a bar on its line of time. In a run that goes
    on, what has not ended is under way.
    """

    def __init__(self, whole: float = 0.0, *, goes_on: bool = False) -> None:
        self._whole = whole
        self._goes_on = goes_on
        self._made = 0
        self.left_out = 0
        self.has_cuts = False  # the record itself is not whole

    def of(self, trace: list[dict[str, Any]]) -> list[StepText]:
        return [step for entry in trace if (step := self._step(entry))]

    def _step(self, entry: Any) -> StepText | None:
        if not isinstance(entry, dict):  # "… and 20 more", where the record of a run was cut
            self.has_cuts = True
            return None
        if self._made >= MOST_SHOWN:
            self.left_out += 1
            return None
        self._made += 1
        request, response = entry.get("request"), entry.get("response")
        return StepText(
            label=str(entry["step"]),
            kind=str(entry["kind"]),
            ms=entry.get("ms"),
            error=str(entry.get("error", "")),
            notes=_notes(entry),
            request=request_text(request, _LONGEST) if isinstance(request, dict) else "",
            response=response_text(response, _LONGEST) if isinstance(response, dict) else "",
            attempts=entry.get("attempts", []),
            inner=self._inner(entry),
            stands="inside" if self._goes_on and "ms" not in entry else entry.get("stands", ""),
            bar=self._bar(entry),
        )

    def _bar(self, entry: dict[str, Any]) -> Bar | None:
        at, ms = entry.get("at"), entry.get("ms")
        if not self._whole or not isinstance(at, (int, float)):
            return None
        start = min(at / self._whole * 100, 100 - _LEAST_WIDTH)
        # What did not end took the rest of the time.
        width = ms / self._whole * 100 if isinstance(ms, (int, float)) else 100.0
        width = max(min(width, 100 - start), _LEAST_WIDTH)
        return Bar(f"{start:.2f}%", f"{width:.2f}%")

    def _inner(self, entry: dict[str, Any]) -> list[Inner]:
        inner = [
            Inner(f"Item {item['item'] + 1}", self.of(item["steps"]))
            for item in entry.get("items", [])
            if isinstance(item, dict)
        ]
        for key, title in _INSIDE.items():
            if key in entry:
                inner.append(Inner(title, self.of(entry[key])))
        return inner


def _notes(entry: dict[str, Any]) -> list[tuple[str, str]]:
    edited = [(f"Edited {name}", value) for name, value in entry.get("edited", {}).items()]
    reads = [(f"Reads {path}", value) for path, value in entry.get("reads", {}).items()]
    others = [(word, entry[key]) for key, word in _NOTES.items() if entry.get(key) is not None]
    return [(word, _note(value)) for word, value in (*edited, *reads, *others)]


def _note(value: Any) -> str:
    line = value if isinstance(value, str) else orjson.dumps(value).decode()
    return line if len(line) <= _LONGEST_LINE else value_text(value, _LONGEST)
