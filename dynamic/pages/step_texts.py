"""The steps of a run, out of its trace, as texts for a page."""

from dataclasses import dataclass, field
from typing import Any

from dynamic.pages.trial_text import request_text, response_text, value_text

MOST_SHOWN = 500  # steps; a loop in a loop makes thousands
_LONGEST = 4000  # characters of a body
# What a kind of step tells besides: the words of the trace, and ours.
_NOTES = {
    "taken": "Branch",
    "count": "Items",
    "level": "Level",
    "message": "Message",
    "caught": "Caught",
    "value": "Value",
    "data": "Data",
}


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
    inner: list[tuple[str, list["StepText"]]] = field(default_factory=list)  # by title


class StepTexts:
    """Makes at most MOST_SHOWN of them, and counts what is left out."""

    def __init__(self) -> None:
        self._made = 0
        self.left_out = 0

    def of(self, trace: list[dict[str, Any]]) -> list[StepText]:
        return [step for entry in trace if (step := self._step(entry))]

    def _step(self, entry: dict[str, Any]) -> StepText | None:
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
            notes=[
                (word, value_text(entry[key], _LONGEST))
                for key, word in _NOTES.items()
                if entry.get(key) is not None
            ],
            request=request_text(request, _LONGEST) if request else "",
            response=response_text(response, _LONGEST) if response else "",
            attempts=entry.get("attempts", []),
            inner=self._inner(entry),
        )

    def _inner(self, entry: dict[str, Any]) -> list[tuple[str, list[StepText]]]:
        items = [
            (f"Item {item['item'] + 1}", self.of(item["steps"])) for item in entry.get("items", [])
        ]
        ran = [("Its steps", self.of(entry["steps"]))] if "steps" in entry else []
        return [*items, *ran]
