"""`log` and `sleep`: what a flow does besides its work."""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.document import format_path
from dynamic.flow.expressions import MISSING, Template, as_text
from dynamic.flow.problems import Path, StepFailed
from dynamic.flow.state import Ending, Entry, State

_LEVELS = ("detail", "error")
LONGEST_SLEEP = 3600.0  # seconds; the run's deadline ends it sooner


@dataclass(frozen=True, slots=True)
class Log:
    """`log: text` or `log: {level: detail | error, message: …, data: …}`: a note in the run."""

    kind: ClassVar[str] = "log"
    keys: ClassVar[frozenset[str]] = frozenset({"log"})
    label: str
    level: str
    message: Template
    data: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "log")
        note, message = checking.worded(step["log"], here, "log", ("level", "message", "data"))
        level = note.get("level", "detail")
        if level not in _LEVELS:
            checking.problem((*here, "level"), "The level is detail or error.")
        return cls(
            format_path(path),
            level,
            message,
            checking.template(note.get("data"), (*here, "data")),
        )

    async def run(self, state: State, entry: Entry) -> Ending | None:
        entry["level"] = self.level
        entry["message"] = as_text(self.message.evaluate(state.scope))
        data = self.data.evaluate(state.scope)
        if data is not MISSING and data is not None:
            entry["data"] = data
        return None


@dataclass(frozen=True, slots=True)
class Sleep:
    """`sleep: 1.5`, in seconds. It counts against the run's deadline."""

    kind: ClassVar[str] = "sleep"
    keys: ClassVar[frozenset[str]] = frozenset({"sleep"})
    label: str
    seconds: Template

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        value = step["sleep"]
        if not _is_time(value) and not (isinstance(value, str) and "{{" in value):
            checking.problem((*path, "sleep"), f"sleep takes seconds, 0 to {LONGEST_SLEEP:g}.")
        return cls(format_path(path), checking.template(value, (*path, "sleep")))

    async def run(self, state: State, entry: Entry) -> Ending | None:
        seconds = self.seconds.evaluate(state.scope)
        if not _is_time(seconds):
            raise StepFailed(
                f"sleep takes seconds, 0 to {LONGEST_SLEEP:g}, and they are {seconds!r:.40}."
            )
        await asyncio.sleep(seconds)
        return None


def _is_time(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and 0 <= value <= LONGEST_SLEEP
    )
