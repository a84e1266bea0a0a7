"""jsonatapy: an engine in Rust, the one that is used unless an operator says otherwise.

It looks at the clock between the parts of an expression, so what a single function may make is
bounded by definitions in front of the expression (`bounds`). It holds the GIL while it evaluates.

Its clock is the one on the wall. On a busy machine an expression of microseconds may be put aside
for longer than it may take, so one that ran out of time without having had it is evaluated once
more, on a slower clock.
"""

import threading
import time
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jsonatapy

from dynamic.flow.bounds import bounded
from dynamic.flow.engines.seam import Bounds, EngineError
from dynamic.flow.functions.table import FUNCTIONS
from dynamic.flow.values import MISSING

_RAISED = "host function raised "
_OUT_OF_TIME = "D1012"
_PATIENCE = 10  # times the milliseconds, for what did not get them


class JsonatapyEngine:
    name = "jsonatapy"

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._compiled = _Compiled(self._bounds)

    def compile(self, text: str, names: frozenset[str]) -> "_Program":
        program = bounded(text, names)
        try:
            _compile(text, self._bounds)  # alone first: a definition of `bounds` must not mend it
            _compile(program, self._bounds)
        except ValueError as error:
            raise _error(error, self._bounds) from None
        type_text = bounded(f"$type(({text}\n))", names)
        return _Program(program, type_text, self._compiled, self._bounds)


def _compile(text: str, bounds: Bounds) -> jsonatapy.JsonataExpression:
    engine = jsonatapy.compile(
        text,
        timeout=bounds.milliseconds,
        max_stack_depth=bounds.depth,
        max_sequence_length=bounds.sequence,
    )
    for name, function in FUNCTIONS.items():
        if f"${name}" in text:  # each one registered costs every evaluation a little
            engine.register(name, function.callable)
    return engine


class _Compiled(threading.local):
    """What each thread has compiled.

    The engine's object may be used and dropped only by the thread that made it. Kept by whoever
    evaluates, one in a reference cycle would be dropped by whichever thread collects garbage; so
    nothing here refers to who keeps it.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.get = lru_cache(maxsize=10_000)(partial(_compile, bounds=bounds))
        patient = replace(bounds, milliseconds=bounds.milliseconds * _PATIENCE)
        self.patient = lru_cache(maxsize=100)(partial(_compile, bounds=patient))


class _Program:
    """Texts, and no object of the engine's (see `_Compiled`)."""

    __slots__ = ("_bounds", "_compiled", "_text", "_type_text")
    waits = False

    def __init__(self, text: str, type_text: str, compiled: _Compiled, bounds: Bounds) -> None:
        self._text = text
        self._type_text = type_text
        self._compiled = compiled
        self._bounds = bounds

    def evaluate(self, scope: Any) -> Any:
        value = self._run(self._text, scope)
        return self._tell_missing(scope) if value is None else value

    def _run(self, text: str, scope: Any) -> Any:
        began = time.thread_time()
        try:
            return self._evaluated(self._compiled.get(text), scope)
        except EngineError as error:
            had = (time.thread_time() - began) * 1000
            if error.code != _OUT_OF_TIME or had >= self._bounds.milliseconds / 2:
                raise
        return self._evaluated(self._compiled.patient(text), scope)

    def _evaluated(self, engine: jsonatapy.JsonataExpression, scope: Any) -> Any:
        try:
            return engine.evaluate(scope)
        except Exception as error:
            raise _error(error, self._bounds) from None
        except BaseException as error:
            # A panic of the engine is caught by its bindings and does not derive from Exception.
            if type(error).__name__ == "PanicException":
                raise EngineError("cannot be evaluated by the engine") from None
            raise

    def _tell_missing(self, scope: Any) -> Any:
        # The engine gives None for null, for nothing and for a function; `$type` tells them apart.
        found = self._run(self._type_text, scope)
        if found == "function":
            raise EngineError.not_called()
        return MISSING if found is None else None


def _error(error: Exception, bounds: Bounds) -> EngineError:
    """Read the engine's own words; its codes look like `T2001: …`."""
    if isinstance(error, MemoryError):
        return EngineError("fails: it needs too much memory")
    text = str(error).removeprefix("Parse error: ").removeprefix("Invalid syntax: ")
    if text.startswith(_RAISED):  # by one of our functions: the name of the exception, and why
        text = text.partition(": ")[2] or "it could not be done"
    code, separator, words = text.partition(": ")
    if separator and len(code) == 5:
        return EngineError.of(code, words, bounds)
    return EngineError.of(None, text, bounds)
