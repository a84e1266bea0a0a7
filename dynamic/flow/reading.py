"""What an expression reads: found in its syntax tree, without evaluating it.

The tree is that of jsonata-python's parser, whichever engine evaluates. What is not surely read
from the scope is left out: inside `list[…]`, `list.{…}`, `list.(…)` and `list^(…)` a name is the
item's own. An expression that this parser does not take is said to read nothing.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

from dynamic.flow.functions.table import FUNCTIONS

_MOST_DOUBLING = 8  # `?:` of a text that the whole parser is given
FUNCTION_NAMES = frozenset({*Jsonata.static_frame.bindings, *FUNCTIONS})


@dataclass(frozen=True, slots=True)
class Read:
    """A name of the scope, with the fields that follow it as far as they are plain names.

    Filters and sorting between them count for nothing: `lines[0].sku` is the field `sku`. The
    column is that of the name, from 1 in the expression's text.
    """

    name: str
    fields: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Unbound:
    """A `$name` that is neither a function nor given a value anywhere in the expression."""

    name: str
    column: int
    is_called: bool


@dataclass(frozen=True, slots=True)
class Reading:
    names: tuple[Read, ...] = ()
    unbound: tuple[Unbound, ...] = ()


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Why a text does not parse; `column` is that of the last character that was read, from 1."""

    code: str
    message: str
    column: int


@lru_cache(maxsize=10_000)
def read(text: str) -> Reading:
    """Find what one expression reads, in the order of columns; `text` is without braces."""
    root = tree(text)
    if root is None:
        return Reading()
    walk = _Walk(text, [(root, True)])
    walk.run()
    return walk.reading()


def tree(text: str) -> Any | None:
    """The syntax tree as it stands in the text; None where this parser does not take it."""
    try:
        return _PARSERS.tree.parse(f"{text}\n", _no_pattern)  # it fails where a comment ends all
    except Exception:  # the parser raises whatever comes, an IndexError for an open comment
        return None


def why_unparsed(text: str) -> Unparsed | None:
    """Say where this parser stops; None where it takes the text, or cannot tell."""
    doubling = text.count("?:") + text.count("??")
    try:
        # Only the whole parser sees that something is missing at the end (see `_Tree`).
        (_PARSERS.tree if doubling > _MOST_DOUBLING else Parser()).parse(f"{text}\n", _no_pattern)
    except JException as error:
        return Unparsed(error.error, str(error), min(error.location, len(text)))
    except Exception:
        return None
    return None


def _no_pattern(pattern: str, flags: Any) -> Any:
    """Regular expressions tell nothing about names, so none is compiled."""


class _Tree(Parser):  # type: ignore[misc]  # the library has no types
    """Gives the tree as it stands in the text. The next stage would make paths of it, at a cost
    that doubles with each `?:` inside another one.
    """

    def process_ast(self, expr: Any) -> Any:
        return expr


class _Parsers(threading.local):
    """A parser is made once, as that costs more than parsing does, and serves one thread."""

    def __init__(self) -> None:
        self.tree = _Tree()


_PARSERS = _Parsers()


@dataclass(slots=True)
class _Walk:
    """Visits every node once; each is `at_root` where a name is one of the scope."""

    text: str
    left: list[tuple[Any, bool]]
    names: list[Read] = field(default_factory=list)
    variables: list[Unbound] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)

    def reading(self) -> Reading:
        known = self.bound | FUNCTION_NAMES | {"", "$"}
        unbound = (each for each in self.variables if each.name not in known)
        return Reading(
            tuple(sorted(self.names, key=lambda each: each.column)),
            tuple(sorted(unbound, key=lambda each: each.column)),
        )

    def run(self) -> None:
        while self.left:
            node, at_root = self.left.pop()
            node, fields = self._unwind(node)
            self._base(node, fields, at_root)

    def _unwind(self, node: Any) -> tuple[Any, list[Any]]:
        """Go back to where a path begins. Gives that, and the plain fields right after it."""
        fields: list[Any] = []
        while node.type == "binary":
            match node.value:
                case ".":
                    step = self._without_filters(node.rhs)
                    if step.type in ("name", "string"):
                        fields.insert(0, step)
                    else:
                        fields = []
                        self.left.append((step, False))
                case "[" | "^":
                    self._aside(node)
                case "#" | "@" | "{":
                    self._aside(node)
                    if node.value != "#":  # after the others a name is found elsewhere
                        fields = []
                case _:
                    break
            node = node.lhs
        return node, fields

    def _without_filters(self, node: Any) -> Any:
        while node.type == "binary" and node.value in ("[", "^", "#"):
            self._aside(node)
            node = node.lhs
        return node

    def _aside(self, node: Any) -> None:
        """Look into what stands beside a path's step, where names are those of its items."""
        match node.value:
            case "[":
                self.left.append((node.rhs, False))
            case "^":
                self.left.extend((term.expression, False) for term in node.rhs_terms)
            case "{":
                self.left.extend((part, False) for pair in node.rhs_object for part in pair)
            case "#" | "@":
                self.bound.add(node.rhs.value)

    def _base(self, node: Any, fields: list[Any], at_root: bool) -> None:
        if node.type == "name":
            if at_root:
                self._name(node, fields)
        elif node.type == "variable" and node.value in ("", "$"):
            if fields and (at_root or node.value == "$"):
                self._name(fields[0], fields[1:])
        elif node.type == "variable":
            self._variable(node)
        else:
            self.left.extend((part, at_root and inside) for part, inside in self._parts(node))

    def _parts(self, node: Any) -> Iterator[tuple[Any, bool]]:
        """The nodes within one that is no path, each with whether it has the same context."""
        match node.type:
            case "binary":
                if node.value == ":=":
                    self.bound.add(node.lhs.value)
                else:
                    yield node.lhs, True
                yield node.rhs, True
            case "unary":
                yield from ((part, True) for part in constructed(node))
            case "block":
                yield from ((part, True) for part in node.expressions)
            case "function" | "partial":
                yield from ((part, True) for part in node.arguments)
                if node.procedure.type == "variable":
                    self._variable(node.procedure, is_called=True)
                else:
                    yield node.procedure, True
            case "lambda":  # its body sees what stands around it, wherever it is called
                self.bound.update(argument.value for argument in node.arguments)
                yield node.body, True
            case "condition":
                yield from ((part, True) for part in branches(node))
            case "transform":
                parts = (node.pattern, node.update, node.delete)
                yield from ((part, False) for part in parts if part is not None)

    def _name(self, node: Any, fields: list[Any]) -> None:
        names = tuple(str(each.value) for each in fields)
        self.names.append(Read(str(node.value), names, self._column(node, str(node.value))))

    def _variable(self, node: Any, *, is_called: bool = False) -> None:
        column = self._column(node, f"${node.value}")
        self.variables.append(Unbound(node.value, column, is_called))

    def _column(self, node: Any, written: str) -> int:
        """The parser gives where a token ends; one in quotes or backticks begins sooner."""
        start: int = node.position - len(written)
        return start + 1 if self.text[start : node.position] == written else max(start - 1, 1)


def constructed(node: Any) -> list[Any]:
    """The parts of `[…]`, of `{…}` (keys and values in turn), and of `-…`."""
    if node.value == "[":
        return list(node.expressions)
    if node.value == "{":
        return [part for pair in node.lhs_object for part in pair]
    return [node.expression]


def branches(node: Any) -> Iterator[Any]:
    """The parts of `a ? b : c`; in `a ?: b` and `a ?? b` the condition is the first part again."""
    tested = node.condition
    if tested is not node.then and node.then not in (tested.arguments or ()):
        yield tested
    yield node.then
    if node._else is not None:
        yield node._else
