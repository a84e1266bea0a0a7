"""jsonata-python: an engine in Python, for platforms that the other is not there for.

It is the slower one, twenty times and more, and keeps to the same 50 ms. It differs from the other
in what `tests/dynamic/flow/test_engines_suite.py` lists; null as an item of a list is nothing to
it; and a number of 2^53 and more is an integer, so no result.
"""

import math
import time
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from dynamic.flow.engines.jsonata_python_clock import RUNNING, Clock, stop
from dynamic.flow.engines.jsonata_python_functions import ROOT
from dynamic.flow.engines.jsonata_python_instead import string
from dynamic.flow.engines.jsonata_python_patterns import compile_pattern
from dynamic.flow.engines.jsonata_python_values import is_function, plain
from dynamic.flow.engines.seam import Bounds, EngineError
from dynamic.flow.values import MISSING

_NOT_FINITE = "gives a number that JSON cannot hold (infinite, or no number)"
# Where the engine's own words have None in place of what they are about.
_WORDS = {
    "T0410": "A function is given an argument of another type than it takes",
    "T0411": "The context is of another type than a function takes",
    "D3030": "A text cannot be read as a number",
    "D3110": "A text cannot be read as a date",
    "D3070": "A list of mixed types is sorted by a function only",
}
MAX_TEXT = 16 * 2**20  # characters of a text, on the way to the result as well


class JsonataPythonEngine:
    name = "jsonata-python"

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()

    def compile(self, text: str, names: frozenset[str]) -> "_Program":
        try:
            parsed = Jsonata(text, compile_pattern)
        except JException as error:
            raise _error(error, self._bounds) from None
        except RecursionError:
            raise EngineError("its nesting is too deep") from None
        except Exception as error:  # of `regex`, or where the parser is not ready for what it reads
            raise EngineError(f"the engine cannot read it: {error}"[:300]) from None
        return _Program(parsed, self._bounds)


class _Program:
    """Parsed once; each evaluation has an object, a frame and a clock of its own."""

    __slots__ = ("_bounds", "_parsed")
    waits = False

    def __init__(self, parsed: Any, bounds: Bounds) -> None:
        self._parsed = parsed
        self._bounds = bounds

    def evaluate(self, scope: Any) -> Any:
        RUNNING.clock = Clock(self._bounds)
        try:
            value = _Evaluation(self._parsed, RUNNING.clock).run(scope)
            if value is None:
                return MISSING
            if is_function(value):
                raise EngineError.not_called()
            return plain(value)
        except EngineError:
            raise
        except Exception as error:
            raise _error(error, self._bounds) from None


class _Evaluation(Jsonata):  # type: ignore[misc]  # the library has no types
    """One evaluation. What the engine leaves unbounded or does otherwise is done here."""

    def __init__(self, parsed: Jsonata, clock: Clock) -> None:
        self.__dict__.update(vars(parsed))
        self.parser = Jsonata.get_parser()  # this thread's: partial application parses
        self.timestamp = time.time_ns() // 1_000_000
        self._clock = clock
        self._depth = 0

    def run(self, scope: Any) -> Any:
        frame = Jsonata.Frame(ROOT)
        input = Utils.NULL_VALUE if scope is None else scope
        frame.bind("$", input)
        if isinstance(scope, list):  # the whole list is the context, not each of its items
            input = Utils.create_sequence(scope)
            input.outer_wrapper = True
        Jsonata.CURRENT.jsonata = self  # where the engine's functions look for it
        try:
            return self.eval(self.ast, input, frame)
        finally:
            del Jsonata.CURRENT.jsonata

    def eval(self, expr: Any, input: Any, environment: Any) -> Any:
        bounds = self._clock.bounds
        self._depth += 1
        if self._depth > bounds.depth:
            raise JException("D1011", -1)
        self._clock.check()
        result = self._eval(expr, input, environment)
        self._depth -= 1
        if isinstance(result, str) and len(result) > MAX_TEXT:
            raise stop(f"It makes a text of more than {MAX_TEXT // 2**20} MiB. Select less.")
        # Asked of `list`, as a range tells a length before it has items.
        if isinstance(result, list) and list.__len__(result) > bounds.sequence:
            raise JException("D2015", -1)
        return result

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        ends = isinstance(lhs, int) and isinstance(rhs, int)
        if ends and rhs - lhs >= self._clock.bounds.sequence:
            raise JException("D2015", -1)
        return super().evaluate_range_expression(lhs, rhs)

    def evaluate_group_expression(self, expr: Any, input: Any, environment: Any) -> Any:
        # The engine would append to an empty list, be it one of the scope's.
        group = Utils.create_sequence() if isinstance(input, list) and not input else input
        return super().evaluate_group_expression(expr, group, environment)

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: str | None) -> Any:
        result = super().evaluate_numeric_expression(lhs, rhs, op)
        if op == "%" and result is not None:  # the engine drops what is after the point
            return Utils.convert_number(math.fmod(lhs, rhs))
        return result

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        return "".join(string(value) for value in (lhs, rhs) if value is not None)

    def apply_inner(self, proc: Any, args: Any, input: Any, environment: Any) -> Any:
        if not self.is_function_like(proc):  # the engine would print it
            raise JException("T1006", -1)
        return super().apply_inner(proc, args, input, environment)

    def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> bool:
        if lhs is None or rhs is None:
            return False
        items = rhs if isinstance(rhs, list) else [rhs]
        # Python takes 1 for true.
        return any(
            item == lhs and isinstance(item, bool) == isinstance(lhs, bool) for item in items
        )


def _error(error: Exception, bounds: Bounds) -> EngineError:
    match error:
        case JException():
            code = str(error.error)
            if code == "D1001":
                return EngineError(_NOT_FINITE, code)
            return EngineError.of(code if len(code) == 5 else None, _words(error, code), bounds)
        case RecursionError():
            return EngineError.of("D1011", "", bounds)
        case ZeroDivisionError() | OverflowError():
            return EngineError(_NOT_FINITE, "D1001")
        case MemoryError():
            return EngineError("fails: it needs too much memory")
        case ValueError() | RuntimeError():  # the engine's own, with a sentence
            return EngineError.of(None, str(error), bounds)
    # Any other tells nobody anything: a NoneType has no such attribute.
    return EngineError("fails: The engine cannot do this with these values")


def _words(error: JException, code: str) -> str:
    if code in {"D3137", "D3141"}:  # of $error and $assert, or ours: the author's
        return str(error)
    if code == "T1006" and isinstance(error.current, str):
        return f"Attempted to invoke a non-function: ${error.current}"
    # The library's port from JavaScript has made an Object of each function.
    words = str(error).removeprefix("JSonataException ").replace(" Object", " function")
    return _WORDS.get(code) or words
