"""Whether an expression can give much more than it is given, by its syntax tree.

What an item of a list gives of itself is no more than the item, so all of them together are no more
than the list. More comes of

- what every item repeats, although it is not the item's own: `lines.($$.lines)`, a variable or a
  function's context from outside of a repetition, the parent `%`, a long literal;
- what is mentioned many times, the more so where a part is built of parts that were built:
  `{"a": n, "b": n}.{…}`;
- functions that are values, which can be called in circles; `$reduce`, transforms, `**` and joins.

Conditions (filters, orders, the functions of `$filter`) and what is compared or reckoned with may
repeat anything: their values are looked at and dropped. Whatever is not surely harmless counts as
growing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dynamic.flow.reading import FUNCTION_NAMES, branches, constructed, tree

MOST_MENTIONS = 81  # of whatever is mentioned more than once, and of all variables
MOST_IN_PARTS = 12  # where parts are built of parts: they multiply by 3 ** (12 / 3) at most
MOST_LITERALS = 30  # that every item of a list has for a value
LONGEST_LITERAL = 200  # characters of such a one

_GIVING = frozenset({"map", "each"})  # the function's values are the result's
_ASKING = frozenset({"filter", "sift", "single", "sort"})  # they are looked at
# The operators that give a number or a boolean.
_SMALL = frozenset({*"+-*/%=<>", "!=", "<=", ">=", "in", "and", "or"})
_REFUSED = frozenset({"reduce", "eval"})
# The arguments of functions that give parts of their context where one is left out.
_OF_CONTEXT = {"lookup": 2, "each": 2, "sift": 2, "spread": 1, "keys": 1}


class _Place(NamedTuple):
    """Where a part of an expression stands, counted in the repetitions around it."""

    level: int = 0
    context: int = 0  # the level at which `$` and plain names are an item's own
    kept: int = 0  # the level from which on a value is kept; a condition's begins anew


class _Grows(Exception):
    pass


def grows(text: str) -> bool:
    """Whether it may give much more than it is given, or cannot be told."""
    try:
        root = tree(text)
        return root is None or _Walk([(root, _Place())]).finds_growth()
    except (_Grows, AttributeError):
        return True  # also by a part of the tree that is none of those known here


@dataclass(slots=True)
class _Walk:
    left: list[tuple[Any, _Place]]
    bound: dict[str, int] = field(default_factory=dict)  # variables, and the level of each
    used: list[tuple[str, _Place]] = field(default_factory=list)
    mentions: Counter[str] = field(default_factory=Counter)
    literals: int = 0
    is_in_parts: bool = False

    def finds_growth(self) -> bool:
        while self.left:
            node, place = self.left.pop()
            self.left.extend(self._parts(node, place))
        for name, place in self.used:
            self._require_own(self.bound.get(name, 0), place)
        repeated = sum(
            count for name, count in self.mentions.items() if count > 1 or name[0] in "$*"
        )
        most = MOST_IN_PARTS if self.is_in_parts else MOST_MENTIONS
        return repeated > most or self.literals > MOST_LITERALS

    def _parts(self, node: Any, place: _Place) -> Iterator[tuple[Any, _Place]]:
        match node.type:
            case "name" | "wildcard":
                self._mention("*" if node.type == "wildcard" else f".{node.value}", place)
            case "variable":
                self._variable(node.value, place)
            case "string" | "number" | "value" | "regex":
                self._literal(node.value, place)
            case "binary":
                yield from self._binary(node, place)
            case "unary":
                yield from self._unary(node, place)
            case "block":
                yield from ((part, place) for part in node.expressions)
            case "condition":
                yield from ((part, place) for part in branches(node))
            case "function":
                yield from self._call(node, place)
            case _:  # a transform, a partial call, `**`, `%`, a function that is a value
                raise _Grows

    def _binary(self, node: Any, place: _Place) -> Iterator[tuple[Any, _Place]]:
        inside = _Place(place.level + 1, place.level + 1, place.kept)
        asked = inside._replace(kept=place.level + 1)
        match node.value:
            case ".":
                yield self._list(node.lhs), place
                if node.rhs.type == "string":  # a name in quotes
                    self._mention(f".{node.rhs.value}", inside)
                else:
                    yield node.rhs, inside
            case "[":
                yield from ((node.lhs, place), (node.rhs, asked))
            case "^":
                yield node.lhs, place
                yield from ((term.expression, asked) for term in node.rhs_terms)
            case "{":
                yield self._list(node.lhs), place
                yield from ((part, inside) for pair in node.rhs_object for part in pair)
            case ":=":
                if place.kept:  # within a condition it may hold anything, and is seen outside
                    raise _Grows
                self.is_in_parts = True
                self._bind(node.lhs.value, place.level)
                yield node.rhs, place
            case "~>":
                yield self._list(node.lhs), place
                if node.rhs.type != "variable" or not self._is_function(node.rhs):
                    yield node.rhs, place
            case "@" | "#":
                raise _Grows
            case _:
                if node.value in _SMALL:
                    place = place._replace(kept=place.level)
                yield from ((node.lhs, place), (node.rhs, place))

    def _unary(self, node: Any, place: _Place) -> Iterator[tuple[Any, _Place]]:
        for number, part in enumerate(constructed(node)):
            is_key = node.value == "{" and number % 2 == 0
            if not (is_key and part.type == "string" and len(part.value) <= LONGEST_LITERAL):
                yield part, place

    def _call(self, node: Any, place: _Place) -> Iterator[tuple[Any, _Place]]:
        name, arguments = node.procedure.value, list(node.arguments)
        if node.procedure.type != "variable" or name not in FUNCTION_NAMES - _REFUSED:
            raise _Grows
        if len(arguments) < _OF_CONTEXT.get(name, 0):
            self._mention("$", place)
        if name in _GIVING | _ASKING and len(arguments) > 1:
            function = arguments.pop(1)
            if function.type == "lambda":
                yield self._body(function, name, arguments[0], place)
            elif function.type != "variable" or not self._is_function(function):
                yield function, place
        yield from ((argument, place) for argument in arguments)

    def _body(self, function: Any, name: str, of: Any, place: _Place) -> tuple[Any, _Place]:
        if name in _GIVING:
            self._list(of)
        if len(function.arguments) > 2:  # the third one is the whole list
            raise _Grows
        level = place.level + 1
        for argument in function.arguments:
            self._bind(argument.value, level)
        kept = level if name in _ASKING else place.kept
        return function.body, _Place(level, place.context, kept)

    def _list(self, node: Any) -> Any:
        """See whether that of which each item gives something was built by the expression."""
        parts = [node]
        while parts:
            part = parts.pop()
            if part.type == "binary" and part.value in ("[", "^"):
                parts.append(part.lhs)
            elif part.type == "binary" and part.value == ".":
                parts += (part.lhs, part.rhs)
            elif part.type not in ("name", "variable", "wildcard", "string"):
                self.is_in_parts = True
        return node

    def _variable(self, name: str, place: _Place) -> None:
        if name in FUNCTION_NAMES:
            raise _Grows
        if name == "":
            self._mention("$", place)
        else:
            self.mentions[f"${name}"] += 1
            self.used.append((name, place))

    def _is_function(self, node: Any) -> bool:
        return node.value in FUNCTION_NAMES - _REFUSED

    def _mention(self, name: str, place: _Place) -> None:
        self.mentions[name] += 1
        self._require_own(place.context, place)

    def _bind(self, name: str, level: int) -> None:
        if name in FUNCTION_NAMES or self.bound.setdefault(name, level) != level:
            raise _Grows

    def _literal(self, value: Any, place: _Place) -> None:
        if place.level > place.kept:
            self.literals += 1
            if isinstance(value, str) and len(value) > LONGEST_LITERAL:
                raise _Grows

    @staticmethod
    def _require_own(level: int, place: _Place) -> None:
        if place.level > max(level, place.kept):
            raise _Grows
