"""What `expressions` needs of a JSONata engine, so that any may stand behind it.

An engine compiles a text once and evaluates it often, from any thread, within bounds. It knows the
functions of `functions.table`, beside JSONata's own, and keeps every one of them bounded. What it
is given and what it gives are JSON values, texts and sets of names, so one may live in another
process.
"""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one evaluation may take: time on the clock, nesting of evaluations, list items."""

    milliseconds: int = 50
    depth: int = 500
    sequence: int = 100_000


class EngineError(Exception):
    """A text that does not parse, or an evaluation that failed; nothing else leaves an engine.

    `reason` goes after "The expression …": it begins with a verb, and has no full stop at its end.
    `code` is JSONata's own (T2001), where the engine gives one.
    """

    def __init__(self, reason: str, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code

    @classmethod
    def of(cls, code: str | None, words: str, bounds: Bounds) -> "EngineError":
        """Put an engine's code and words into a reason; a bound has the same with all engines."""
        reasons = {
            "D1011": "calls itself too deeply. End the recursion sooner",
            "D1012": f"took longer than {bounds.milliseconds} ms. Make it simpler, or give it "
            "less data",
            "D2015": f"makes a list of more than {bounds.sequence:,} items. Select fewer",
        }
        return cls(reasons.get(code or "") or f"fails: {words[:300].rstrip('.')}", code)

    @classmethod
    def not_called(cls) -> "EngineError":
        return cls("gives a function, not a value. Call it with (…)")


class Program(Protocol):
    """A compiled expression. Any thread may evaluate and drop it."""

    @property
    def waits(self) -> bool:
        """Whether it is evaluated by another process, which the thread waits for."""

    def evaluate(self, scope: Any) -> Any:
        """Give the JSON value for a scope, a JSON value that stays as it is.

        Gives MISSING for nothing, and None for null. Raises EngineError. Numbers and texts in the
        value may still be unfit for JSON, and the value of any size: `expressions` looks at that.
        """


class Engine(Protocol):
    """A JSONata engine. `name` is the word that chooses it."""

    name: str

    def compile(self, text: str, names: frozenset[str]) -> Program:
        """Compile an expression, which mentions these $names. Raises EngineError."""
