"""Values with `{{ JSONata }}` in them: compile once, evaluate often, within bounds.

A string that is exactly one `{{ … }}` gives the expression's own value; inside longer text the
value becomes text. See `scanner` for where an expression ends and how to write a literal `{{`.

Expressions are user input, so each is bounded, whichever engine evaluates it (`engines`): 10,000
characters, 50 ms, depth, length of sequences, what a single function may make (`bounds`), and the
size and kind of the result (`engines.fitness`). Most run inside this process and hold the GIL
meanwhile. The data is not copied for them: the engine looks up in it what the expression asks for.
Those that could get past these bounds run in a process of their own, which may be ended
(`isolation`).

An engine looks at the clock between the parts of an expression, so one operation on very large text
or a very long list is finished first. Integers beyond 2^53 lose digits inside an engine, so as a
result they are an error.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import orjson

from dynamic.flow.bounds import REFUSED
from dynamic.flow.engines.choice import chosen
from dynamic.flow.engines.fitness import fit
from dynamic.flow.engines.seam import Engine, EngineError
from dynamic.flow.hints import foreign
from dynamic.flow.problems import ExpressionFailed, ExpressionInvalid, Fault, Path
from dynamic.flow.reading import why_unparsed
from dynamic.flow.scanner import Source, split
from dynamic.flow.values import MISSING, as_text

__all__ = [
    "MISSING",
    "ExpressionFailed",
    "ExpressionInvalid",
    "Template",
    "as_text",
    "compile_template",
]

_ENDS_TOO_SOON = {"S0203", "S0207"}  # two engines may choose differently

MAX_RESULT = 16 * 2**20  # characters of a text, bytes of any other value as JSON


class Template(ABC):
    """Any JSON value in which strings may hold expressions, ready to be evaluated."""

    waits: bool  # whether `evaluate` waits for another process, which an event loop should not

    @abstractmethod
    def evaluate(self, scope: dict[str, Any]) -> Any:
        """Give the value for a scope, the JSON object whose names the expressions see.

        Gives MISSING when the whole is one expression that finds nothing; inside an object such
        a key is left out, inside a list the item is None. Raises ExpressionFailed.
        """


def compile_template(value: Any, engine: Engine | None = None) -> Template:
    """Compile every string in a JSON value; the keys of objects are literal.

    The engine is the one that was chosen at start-up, unless another one is given.
    Raises ExpressionInvalid with every expression that does not parse and its path in the value.
    """
    faults: list[Fault] = []
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise ExpressionInvalid(Fault((), f"It cannot be sent as JSON: {error}.")) from None
    template = _compile(value, (), faults, engine or chosen())
    if faults:
        raise ExpressionInvalid(*faults)
    return template


@dataclass(frozen=True, slots=True)
class Constant(Template):
    """A value without any expression: it is given as it is."""

    value: Any
    waits: bool = False

    def evaluate(self, scope: dict[str, Any]) -> Any:
        return self.value


class Expression(Template):
    """One expression that is the whole of a string: its value keeps its type."""

    __slots__ = ("_program", "_source", "waits")

    def __init__(self, source: Source, engine: Engine) -> None:
        refused = sorted(source.names & REFUSED)
        if refused:
            raise self._invalid(source, f"${refused[0]} is not available")
        self._source = source
        try:
            self._program = engine.compile(source.text, source.names)
            self.waits = self._program.waits
        except EngineError as error:
            raise self._invalid(source, *_why_unparsed(source, error)) from None

    def __str__(self) -> str:
        text = " ".join(self._source.text.split())
        return f"{{{{ {text if len(text) <= 80 else text[:79] + '…'} }}}}"

    def evaluate(self, scope: dict[str, Any]) -> Any:
        try:
            return fit(self._program.evaluate(scope))
        except EngineError as error:
            raise self._failed(error.reason) from None

    def _failed(self, reason: str) -> ExpressionFailed:
        return ExpressionFailed(f"The expression {self} {reason.rstrip('.')}.")

    @staticmethod
    def _invalid(source: Source, reason: str, hint: str = "") -> ExpressionInvalid:
        sentence = f"The expression at column {source.column} does not parse: {reason}.{hint}"
        return ExpressionInvalid(Fault((), sentence))


@dataclass(frozen=True, slots=True)
class Text(Template):
    """A text with expressions in it."""

    parts: tuple[Template, ...]
    waits: bool

    def evaluate(self, scope: dict[str, Any]) -> Any:
        return "".join(as_text(part.evaluate(scope)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Object(Template):
    """An object with expressions among its values."""

    members: tuple[tuple[str, Template], ...]
    waits: bool

    def evaluate(self, scope: dict[str, Any]) -> Any:
        values = ((key, member.evaluate(scope)) for key, member in self.members)
        return {key: value for key, value in values if value is not MISSING}


@dataclass(frozen=True, slots=True)
class Array(Template):
    """A list with expressions among its items."""

    items: tuple[Template, ...]
    waits: bool

    def evaluate(self, scope: dict[str, Any]) -> Any:
        values = (item.evaluate(scope) for item in self.items)
        return [None if value is MISSING else value for value in values]


def _why_unparsed(source: Source, error: EngineError) -> tuple[str, str]:
    """The engine's reason, and perhaps a suggestion; where the parser that knows places has the
    same reason, with the place.
    """
    found = why_unparsed(source.text)
    hint = foreign(source.text, found.column if found else None)
    if found is None or (found.code != error.code and {found.code, error.code} != _ENDS_TOO_SOON):
        return error.reason.removeprefix("fails: "), hint
    return f"{found.message} (column {source.begins + found.column - 1})", hint


def _compile(value: Any, path: Path, faults: list[Fault], engine: Engine) -> Template:
    if isinstance(value, str):
        return _compile_string(value, path, faults, engine)
    if isinstance(value, dict):
        members = tuple(
            (key, _compile(item, (*path, key), faults, engine)) for key, item in value.items()
        )
        constant = all(isinstance(member, Constant) for _, member in members)
        if constant:
            return Constant(value)
        return Object(members, any(member.waits for _, member in members))
    if isinstance(value, list):
        items = tuple(
            _compile(item, (*path, index), faults, engine) for index, item in enumerate(value)
        )
        constant = all(isinstance(item, Constant) for item in items)
        return Constant(value) if constant else Array(items, any(item.waits for item in items))
    return Constant(value)


def _compile_string(text: str, path: Path, faults: list[Fault], engine: Engine) -> Template:
    try:
        pieces = split(text)
        parts = tuple(Constant(p) if isinstance(p, str) else Expression(p, engine) for p in pieces)
    except ExpressionInvalid as error:
        faults.extend(Fault(path, fault.message) for fault in error.faults)
        return Constant(text)
    if any(isinstance(part, Expression) for part in parts):
        return parts[0] if len(parts) == 1 else Text(parts, any(part.waits for part in parts))
    return Constant(text)
