"""Values with `{{ JSONata }}` in them: compile once, evaluate often, within bounds.

A string that is exactly one `{{ … }}` gives the expression's own value; inside longer text the
value becomes text. See `scanner` for where an expression ends and how to write a literal `{{`.

Expressions are user input. They run inside this process and hold the GIL while they run, so each
is bounded: 10,000 characters, 50 ms, depth, length of sequences (the engine's own bounds), what a
single function may make (`bounds`), and the size of the result. The data is not copied: the
engine looks up in it what the expression asks for, so a large scope costs nothing by itself.

What these bounds cannot hold: the engine looks at the clock between the parts of an expression,
so one string operation on very large text, or one regular expression with large counted
repetitions, is finished first; and values that share their parts (`{"a": $x, "b": $x}`, nested
forty times) are small in the engine and endless when written out. It takes the author of a flow to
do that; a caller's data alone cannot. Integers beyond 2^53 lose digits inside the engine, so as a
result they are an error.
"""

import math
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonatapy
import orjson

from dynamic.flow.bounds import REFUSED, bounded
from dynamic.flow.functions.table import FUNCTIONS
from dynamic.flow.problems import ExpressionFailed, ExpressionInvalid, Fault, Path
from dynamic.flow.scanner import Source, split
from dynamic.flow.values import MAX_EXACT_INTEGER, MISSING, as_text, holds_not_finite

__all__ = [
    "MISSING",
    "ExpressionFailed",
    "ExpressionInvalid",
    "Template",
    "as_text",
    "compile_template",
]

MAX_MILLISECONDS = 50
MAX_DEPTH = 500
MAX_SEQUENCE = 100_000
MAX_RESULT = 16 * 2**20  # characters of a text, bytes of any other value as JSON

_REASONS = {
    "D1011": "calls itself too deeply. End the recursion sooner.",
    "D1012": f"took longer than {MAX_MILLISECONDS} ms. Make it simpler, or give it less data.",
    "D2015": f"makes a list of more than {MAX_SEQUENCE:,} items. Select fewer.",
}
_RAISED = "host function raised "


class Template(ABC):
    """Any JSON value in which strings may hold expressions, ready to be evaluated."""

    @abstractmethod
    def evaluate(self, scope: dict[str, Any]) -> Any:
        """Give the value for a scope, the JSON object whose names the expressions see.

        Gives MISSING when the whole is one expression that finds nothing; inside an object such
        a key is left out, inside a list the item is None. Raises ExpressionFailed.
        """


def compile_template(value: Any) -> Template:
    """Compile every string in a JSON value; the keys of objects are literal.

    Raises ExpressionInvalid with every expression that does not parse and its path in the value.
    """
    faults: list[Fault] = []
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise ExpressionInvalid(Fault((), f"It cannot be sent as JSON: {error}.")) from None
    template = _compile(value, (), faults)
    if faults:
        raise ExpressionInvalid(*faults)
    return template


@dataclass(frozen=True, slots=True)
class Constant(Template):
    """A value without any expression: it is given as it is."""

    value: Any

    def evaluate(self, scope: dict[str, Any]) -> Any:
        return self.value


class Expression(Template):
    """One expression that is the whole of a string: its value keeps its type.

    It holds no object of the engine's (see `_Engines`), so any thread may use and drop it.
    """

    __slots__ = ("_source", "_text", "_type_text")

    def __init__(self, source: Source) -> None:
        refused = sorted(source.names & REFUSED)
        if refused:
            raise self._invalid(source, f"${refused[0]} is not available")
        self._source = source
        self._text = bounded(source.text, source.names)
        self._type_text = bounded(f"$type(({source.text}\n))", source.names)
        try:
            _engine(source.text)  # alone first: the definitions of `bounds` must not mend it
            _engine(self._text)
        except ValueError as error:
            raise self._invalid(source, _reason(error)) from None

    def __str__(self) -> str:
        text = " ".join(self._source.text.split())
        return f"{{{{ {text if len(text) <= 80 else text[:79] + '…'} }}}}"

    def evaluate(self, scope: dict[str, Any]) -> Any:
        value = self._run(self._text, scope)
        return self._tell_missing(scope) if value is None else self._checked(value)

    def _run(self, text: str, scope: dict[str, Any]) -> Any:
        try:
            return _ENGINES.compiled(text).evaluate(scope)
        except Exception as error:
            raise self._failed(_reason(error)) from None
        except BaseException as error:
            # A panic of the engine is caught by its bindings and does not derive from Exception.
            if type(error).__name__ == "PanicException":
                raise self._failed("cannot be evaluated by the engine") from None
            raise

    def _tell_missing(self, scope: dict[str, Any]) -> Any:
        # The engine gives None for null, for nothing and for a function; `$type` tells them apart.
        found = self._run(self._type_text, scope)
        if found == "function":
            raise self._failed("gives a function, not a value. Call it with (…)")
        return MISSING if found is None else None

    def _checked(self, value: Any) -> Any:
        match value:
            case bool():
                return value
            case str():
                self._check_size(len(value))
                if not value.isascii():
                    self._as_json(value)
            case int() if abs(value) > MAX_EXACT_INTEGER:
                raise self._failed("gives an integer beyond 2^53, which is not exact. Use text")
            case float() if not math.isfinite(value):
                raise self._failed("gives a number that JSON cannot hold (infinite, or no number)")
            case dict() | list():
                text = self._as_json(value)
                self._check_size(len(text))
                # orjson writes NaN and infinities as null, so only then is a closer look due.
                if b"null" in text and holds_not_finite(value):
                    raise self._failed("gives a number that JSON cannot hold")
        return value

    def _as_json(self, value: Any) -> bytes:
        try:
            return orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
        except orjson.JSONEncodeError as error:
            raise self._failed(f"gives a value that JSON cannot hold: {error}") from None

    def _check_size(self, size: int) -> None:
        if size > MAX_RESULT:
            raise self._failed(f"gives more than {MAX_RESULT // 2**20} MiB. Select less")

    def _failed(self, reason: str) -> ExpressionFailed:
        return ExpressionFailed(f"The expression {self} {reason.rstrip('.')}.")

    @staticmethod
    def _invalid(source: Source, reason: str) -> ExpressionInvalid:
        sentence = f"The expression at column {source.column} does not parse: {reason}."
        return ExpressionInvalid(Fault((), sentence))


@dataclass(frozen=True, slots=True)
class Text(Template):
    """A text with expressions in it."""

    parts: tuple[Template, ...]

    def evaluate(self, scope: dict[str, Any]) -> Any:
        return "".join(as_text(part.evaluate(scope)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Object(Template):
    """An object with expressions among its values."""

    members: tuple[tuple[str, Template], ...]

    def evaluate(self, scope: dict[str, Any]) -> Any:
        values = ((key, member.evaluate(scope)) for key, member in self.members)
        return {key: value for key, value in values if value is not MISSING}


@dataclass(frozen=True, slots=True)
class Array(Template):
    """A list with expressions among its items."""

    items: tuple[Template, ...]

    def evaluate(self, scope: dict[str, Any]) -> Any:
        values = (item.evaluate(scope) for item in self.items)
        return [None if value is MISSING else value for value in values]


def _compile(value: Any, path: Path, faults: list[Fault]) -> Template:
    if isinstance(value, str):
        return _compile_string(value, path, faults)
    if isinstance(value, dict):
        members = tuple((key, _compile(item, (*path, key), faults)) for key, item in value.items())
        constant = all(isinstance(member, Constant) for _, member in members)
        return Constant(value) if constant else Object(members)
    if isinstance(value, list):
        items = tuple(_compile(item, (*path, index), faults) for index, item in enumerate(value))
        constant = all(isinstance(item, Constant) for item in items)
        return Constant(value) if constant else Array(items)
    return Constant(value)


def _compile_string(text: str, path: Path, faults: list[Fault]) -> Template:
    try:
        pieces = split(text)
        parts = tuple(Constant(p) if isinstance(p, str) else Expression(p) for p in pieces)
    except ExpressionInvalid as error:
        faults.extend(Fault(path, fault.message) for fault in error.faults)
        return Constant(text)
    if any(isinstance(part, Expression) for part in parts):
        return parts[0] if len(parts) == 1 else Text(parts)
    return Constant(text)


def _engine(source: str) -> jsonatapy.JsonataExpression:
    engine = jsonatapy.compile(
        source,
        timeout=MAX_MILLISECONDS,
        max_stack_depth=MAX_DEPTH,
        max_sequence_length=MAX_SEQUENCE,
    )
    for name, function in FUNCTIONS.items():
        if f"${name}" in source:  # each one registered costs every evaluation a little
            engine.register(name, function.callable)
    return engine


class _Engines(threading.local):
    """What each thread has compiled.

    The engine's object may be used and dropped only by the thread that made it. Kept by whoever
    evaluates, one in a reference cycle would be dropped by whichever thread collects garbage.
    """

    def __init__(self) -> None:
        self.compiled = lru_cache(maxsize=10_000)(_engine)


_ENGINES = _Engines()


def _reason(error: Exception) -> str:
    """Put the engine's own words into a sentence; its codes look like `T2001: …`."""
    text = str(error).removeprefix("Parse error: ").removeprefix("Invalid syntax: ")
    if text.startswith(_RAISED):  # by one of our functions: the name of the exception, and why
        text = text.partition(": ")[2] or "it could not be done"
    code, separator, rest = text.partition(": ")
    if code in _REASONS:
        return _REASONS[code]
    reason = rest if separator and len(code) == 5 else text
    if isinstance(error, MemoryError):
        reason = "it needs too much memory"
    return f"fails: {reason[:300].rstrip('.')}"
