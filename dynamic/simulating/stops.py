"""Before which steps a run is to stop, and which of them hold others."""

from dataclasses import dataclass, fields
from typing import Any

from dynamic.flow.state import Step


@dataclass(frozen=True, slots=True)
class Stop:
    """Before the next step, before the next one of a label, or, with neither, at the end only."""

    at_next: bool = False
    label: str = ""

    def is_before(self, step: Step, *, is_main: bool) -> bool:
        """`is_main` is false in another flow, whose labels are its own."""
        return self.at_next or (is_main and bool(self.label) and step.label == self.label)


def steps_inside(step: Step) -> list[Step]:
    """The steps that a step of whatever kind holds, those of all its branches."""
    found: list[Step] = []
    for field in fields(step):  # type: ignore[arg-type]  # each kind of step is a dataclass
        found += _steps_in(getattr(step, field.name))
    return found


def _steps_in(value: Any) -> list[Step]:
    if hasattr(value, "label") and hasattr(value, "run"):
        return [value]
    if isinstance(value, tuple):
        return [step for item in value for step in _steps_in(item)]
    return []
