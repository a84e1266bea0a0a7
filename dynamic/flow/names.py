"""Which names expressions may read, at each place of a document, and those that they read in vain.

Nothing is said of a name that may be there: one that some branch sets counts as set after it, what
the steps of a loop set counts in all of them, since the next item sees it, and what a `try` may
have set before it failed counts in its `catch`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dynamic.flow.document import format_path
from dynamic.flow.hints import beginning, closest, hint
from dynamic.flow.problems import Path
from dynamic.flow.reading import FUNCTION_NAMES, Read, Unbound, read
from dynamic.flow.scanner import Source, split

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED_NAMES = frozenset({"payload", "query", "headers", "method", "steps"})
# Names that an expression takes for something else.
JSONATA_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})
# What people write where an expression is to find nothing.
_NOTHING = frozenset({"undefined", "nothing"})
_HYPHENED = re.compile(r"[A-Za-z_]\w*(?:-\w+)+")

Key = tuple[str, ...]  # ("total",) is a variable, ("steps", "order") an answer
Fields = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A name that was read in vain; `seen` are those that were there, `place` is where it is set
    for others.
    """

    key: Key
    path: Path
    column: int
    seen: frozenset[Key]
    place: Path | None
    more: str  # a suggestion that the text around the name makes


class Names:
    """The names of one document, asked and told in the order in which a run would come by."""

    def __init__(self) -> None:
        self.fields: dict[str, set[Fields]] = {}  # of answers' data that are read, by step
        self.seen: set[Key] = {(name,) for name in RESERVED_NAMES}
        self._places: dict[Key, Path] = {}
        self._unknown: list[_Unknown] = []
        self._other: list[tuple[Path, str]] = []
        self._trying = 0

    def variable(self, name: str, path: Path) -> None:
        """The step at this path has set a variable."""
        self._set((name,), path)

    def answer(self, name: str, path: Path) -> None:
        """The step at this path has an answer."""
        self._set(("steps", name), path)

    def _set(self, key: Key, path: Path) -> None:
        self.seen.add(key)
        self._places.setdefault(key, path)

    def read(self, value: Any, path: Path) -> None:
        """A value at this path, whose expressions parse, is evaluated now."""
        if isinstance(value, str):
            for source in split(value) if "{{" in value else ():
                if isinstance(source, Source):
                    self._read(source, path)
        elif isinstance(value, dict):
            for key, item in value.items():
                self.read(item, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.read(item, (*path, index))

    def _read(self, source: Source, path: Path) -> None:
        reading = read(source.text)
        for name in reading.names:
            self._read_name(name, source, path)
        for unbound in reading.unbound:
            self._other.append((path, self._unbound(unbound, source.column)))

    def _read_name(self, name: Read, source: Source, path: Path) -> None:
        key: Key = (name.name,)
        if name.name == "steps" and name.fields:
            key = ("steps", name.fields[0])
            if name.fields[1:2] == ("data",) and name.fields[2:]:
                self.fields.setdefault(key[1], set()).add(name.fields[2:])
        # A name that no variable can have is a step's own, as `map` has one.
        if key in self.seen or name.name in _NOTHING or not IDENTIFIER.fullmatch(name.name):
            return
        seen, place = frozenset(self.seen), self._places.get(key)
        more = _with_signs(source.text, name)
        self._unknown.append(_Unknown(key, path, source.column, seen, place, more))

    def _unbound(self, unbound: Unbound, column: int) -> str:
        word = f"${unbound.name}"
        if not unbound.is_called and (unbound.name,) in self.seen:
            more = f" What the flow has under this name is {unbound.name}, without $."
        else:
            known = [f"${name}" for name in FUNCTION_NAMES]
            more = beginning(word, known) or closest(word, known, 0.8)
        if unbound.is_called:
            return f"The expression at column {column} calls {word}, which is no function.{more}"
        return f"The expression at column {column} reads {word}, which nothing in it sets.{more}"

    @contextmanager
    def each_item(self, variable: str, path: Path, *, parallel: bool) -> Iterator[None]:
        """What is evaluated for each item of a loop, which has it under this name."""
        before, first = set(self.seen), len(self._unknown)
        self.variable(variable, path)
        yield
        if parallel:
            self.seen = before
            return
        inside = self._unknown[first:]
        self._unknown[first:] = [each for each in inside if each.key not in self.seen]
        # A loop that fails leaves its name to the `catch` around it.
        if (variable,) not in before and not self._trying:
            self.seen.discard((variable,))

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Steps that may fail, and the flow goes on."""
        self._trying += 1
        yield
        self._trying -= 1

    def branches(self) -> "Branches":
        return Branches(self)

    def problems(self, disabled: dict[Key, Path]) -> Iterator[tuple[Path, str]]:
        """All that is read in vain, with its path; `disabled` are names that steps would set."""
        for each in self._unknown:
            start = f"The expression at column {each.column} reads {'.'.join(each.key)}"
            yield each.path, f"{start}, {self._reason(each, disabled)}"
        yield from self._other

    def _reason(self, unknown: _Unknown, disabled: dict[Key, Path]) -> str:
        key = unknown.key
        if unknown.place is not None:
            return f"and what {format_path(unknown.place)} sets under this name is not seen here."
        if key in self._places:
            return f"and that is set only later, at {format_path(self._places[key])}."
        if key in disabled:
            return f"and the step that sets it, {format_path(disabled[key])}, is disabled."
        known = [seen[-1] for seen in unknown.seen if len(seen) == len(key)]
        if len(key) > 1:
            return f"and no step before has this name.{hint(key[-1], known)}"
        if ("steps", *key) in unknown.seen:
            return f"and nothing before sets it. The step's answer is steps.{key[0]}."
        if key[0] in FUNCTION_NAMES:
            return f"and nothing before sets it. The function is ${key[0]}."
        return f"and nothing before sets it.{unknown.more or hint(key[0], known)}"


def _with_signs(text: str, name: Read) -> str:
    """Suggest backticks where a name with a hyphen was read as a subtraction: `headers.x-id`."""
    for written in _HYPHENED.finditer(text):
        if written.start() < name.column - 1 < written.end():
            return f" A name with signs stands in backticks: `{written[0]}`."
    return ""


class Branches:
    """Parts of which one alone is run, each beginning with the same names."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._before = set(names.seen)
        self._every = set(names.seen)

    def begin(self) -> None:
        self._every |= self._names.seen
        self._names.seen = set(self._before)

    def end(self) -> None:
        """From here on whatever one of them may have set counts as set."""
        self._names.seen |= self._every


def disabled_names(steps: Any, path: Path = ("steps",), inside: bool = False) -> dict[Key, Path]:
    """The names that steps would set which are left out, each with the first place of it."""
    found: dict[Key, Path] = {}
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        here = (*path, index)
        off = inside or step.get("disabled") is True
        if off:
            for key in _names_set(step):
                found.setdefault(key, here)
        for word, part in step.items():
            for key, place in disabled_names(part, (*here, word), off).items():
                found.setdefault(key, place)
    return found


def _names_set(step: dict[str, Any]) -> Iterator[Key]:
    for word in ("call", "run"):
        if isinstance(step.get(word), str):
            yield ("steps", step[word])
    for word in ("map", "as"):
        if isinstance(step.get(word), str):
            yield (step[word],)
    if isinstance(step.get("set"), dict):
        yield from ((name,) for name in step["set"])
