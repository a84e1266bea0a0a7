"""The functions that an expression finds: JSONata's, bounded, and ours.

The engine looks at the clock between the parts of an expression only. Its functions are wrapped so
that each looks at it, too, before it begins, and refuses what would take much time or make much
from little. They are written in Python, as is the engine: the definitions of `bounds` would take it
half a millisecond a call.
"""

from collections.abc import Callable
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.signature import Signature
from jsonata.utils import Utils

from dynamic.flow.bounds import MAX_DISTINCT, MAX_MATCHES, MAX_PICTURE, MAX_ROMAN, picture_fault
from dynamic.flow.engines.jsonata_python_clock import RUNNING, stop
from dynamic.flow.engines.jsonata_python_instead import INSTEAD
from dynamic.flow.engines.jsonata_python_values import is_number, plain
from dynamic.flow.functions.arguments import MAX_CHARACTERS
from dynamic.flow.functions.table import FUNCTIONS, Function

MAX_SPREAD = 5_000  # each item is appended to a copy of those before: 60 ms for as many


class _Signature(Signature):  # type: ignore[misc]  # the library has no types
    """A signature whose function keeps its name, whatever variable an expression binds it to."""

    def __init__(self, signature: Signature) -> None:
        self.__dict__.update(vars(signature))

    def set_function_name(self, function_name: str) -> None:
        pass


class _BuiltIn(Jsonata.JFunction):  # type: ignore[misc]
    """A function of the engine's, bounded."""

    def __init__(self, original: Any) -> None:
        super().__init__(original, None)
        self.signature = _Signature(original.signature)
        self.function_name = original.function_name
        self._guard = _GUARDS.get(self.function_name)
        self._code = _CODES.get(self.function_name)

    def call(self, input: Any, args: Any) -> Any:
        RUNNING.clock.check()
        if self._guard:
            self._guard(*args)
        try:
            if self.function_name in INSTEAD:
                return INSTEAD[self.function_name](*args)
            return self.function.call(input, args)
        except (ValueError, OverflowError, TypeError):
            if self._code is None:
                raise
            raise JException(self._code, -1, args[0]) from None

    def get_number_of_args(self) -> int:
        return int(self.function.nargs)


class _Ours(Jsonata.JFunction):  # type: ignore[misc]
    """A function of `functions.table`: nothing gives nothing, and null is null."""

    def __init__(self, name: str, function: Function) -> None:
        super().__init__(function.callable, None)
        self.signature = _Signature(Signature("<x>" if function.parameters else "<>", name))
        self.function_name = name
        self._parameters = function.parameters

    def validate(self, args: Any, context: Any) -> Any:
        return args  # the function does that itself

    def call(self, input: Any, args: Any) -> Any:
        RUNNING.clock.check()
        if self._parameters and (not args or args[0] is None):
            return None
        try:
            value = self.function(*map(plain, args))
        except ValueError as error:
            raise stop(str(error)) from None
        return Utils.NULL_VALUE if value is None else value

    def get_number_of_args(self) -> int:
        return len(self._parameters)


def _pad(text: Any, width: Any = None, *_: Any) -> None:
    if is_number(width) and abs(width) > MAX_CHARACTERS:
        raise stop(f"$pad makes a text of more than {MAX_CHARACTERS} characters.")


def _join(texts: Any, separator: Any = None, *_: Any) -> None:
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        size = sum(map(len, texts)) + len(texts) * len(separator or "")
        if size > MAX_CHARACTERS:
            raise stop(f"$join makes a text of more than {MAX_CHARACTERS} characters.")


def _match(text: Any, pattern: Any = None, limit: Any = None, *_: Any) -> None:
    if is_number(limit) and limit > MAX_MATCHES:
        raise stop(f"$match finds at most {MAX_MATCHES} matches.")


def _distinct(values: Any, *_: Any) -> None:
    if isinstance(values, list) and len(values) > MAX_DISTINCT:
        raise stop(f"$distinct takes at most {MAX_DISTINCT} values.")


def _spread(values: Any, *_: Any) -> None:
    if isinstance(values, list) and len(values) > MAX_SPREAD:
        raise stop(f"$spread takes at most {MAX_SPREAD} values.")


def _picture(value: Any, picture: Any = None, *_: Any) -> None:
    if isinstance(picture, str) and picture_fault(picture):
        raise stop(
            f"The picture is longer than {MAX_PICTURE} characters or asks for more than 999 digits."
        )


def _integer(number: Any, picture: Any = None, *_: Any) -> None:
    _picture(number, picture)
    if is_number(number) and abs(number) > MAX_ROMAN and {"I", "i"} & set(picture or ""):
        raise stop(f"Roman numerals end at {MAX_ROMAN}.")


_GUARDS: dict[str, Callable[..., None]] = {
    "pad": _pad,
    "join": _join,
    "match": _match,
    "distinct": _distinct,
    "spread": _spread,
    "formatInteger": _integer,
    "formatNumber": _picture,
    "parseInteger": _picture,
    "fromMillis": _picture,
    "toMillis": _picture,
}
# What JSONata says where the engine lets an exception of Python's pass.
_CODES = {"number": "D3030", "toMillis": "D3110", "power": "D3061", "sort": "D3070"}


def _root() -> Any:
    root = Jsonata.Frame(None)
    for name, function in Jsonata.static_frame.bindings.items():
        root.bind(name, _BuiltIn(function))
    for name, function in FUNCTIONS.items():
        root.bind(name, _Ours(name, function))
    return root


ROOT = _root()  # the frame around every evaluation's own
