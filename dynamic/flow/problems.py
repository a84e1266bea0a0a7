"""What can be wrong with a flow: before it runs, and while it runs.

DocumentInvalid           the document cannot become a program; lists every problem
ExpressionInvalid         a `{{ … }}` does not parse; lists every one that does not
└── CallInvalid           the same, or another fault, in a field of an API call
StepFailed                a step could not do its work while the flow ran
├── ExpressionFailed      an expression failed, or went beyond its bounds
└── CallArguments         the arguments of a call make no request that can be sent
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct in a document, with its place (line and column count from 1)."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f", {self.path}" if self.path else ""
        return f"line {self.line}{where}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
        }


class DocumentInvalid(Exception):
    """The document cannot run. `problems` holds all that was found, in the order of lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.column))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one expression, and where in the value that holds it."""

    path: Path
    message: str


class ExpressionInvalid(Exception):
    """One expression or several do not parse; `faults` says which and why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(" ".join(fault.message for fault in faults))


class CallInvalid(ExpressionInvalid):
    """A field of an API call is wrong, or holds an expression that does not parse."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(Fault((field,), f"{field}: {message}"))


class StepFailed(Exception):
    """A step could not do its work. `str(error)` is a sentence for the flow's owner.

    `step` is its label, once the run has put that before the sentence.
    """

    def __init__(self, message: str, *, step: str = "") -> None:
        super().__init__(message)
        self.step = step


class ExpressionFailed(StepFailed):
    """An expression failed, went beyond its bounds, or gave what JSON cannot hold."""


class CallArguments(StepFailed):
    """The arguments of a call make no request that can be sent."""
