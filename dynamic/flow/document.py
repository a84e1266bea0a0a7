"""A flow document: YAML or JSON text made into plain JSON data that knows its lines.

Only what JSON can say is accepted, so that a document means the same to every reader: the
scalars of the YAML 1.2 core schema (section 10.3 of the specification; `no`, `on` and
`2026-01-01` are text), no anchors and aliases (a small document could grow without limit), no
tags, no duplicate or non-text keys.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from dynamic.flow.problems import DocumentInvalid, Path, Problem

MAX_BYTES = 512 * 1024
MAX_EXACT_INTEGER = 2**53 - 1  # beyond it a JSON number is not exact for most readers, RFC 8259 6

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a document may be, how deep, and the largest integer in it."""

    size: int = MAX_BYTES
    levels: int = 50
    integer: int = MAX_EXACT_INTEGER


FLOW = Bounds()

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_PLAIN_KEY = re.compile(r"[\w-]+")


def format_path(path: Path) -> str:
    """Write a path as people read it: `("steps", 2, "with")` becomes `steps[2].with`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


@dataclass(frozen=True, slots=True)
class Document:
    """Plain JSON data, and the place of every part of it in the text."""

    data: Any
    _places: dict[Path, Place]

    def position(self, path: Path) -> Place:
        """Give line and column, from 1, of a path or of the nearest parent that has one.

        The place of a value in a mapping is that of its key.
        """
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (1, 1))

    def problem(self, path: Path, message: str) -> Problem:
        return Problem(*self.position(path), format_path(path), message)


def parse(source: str, bounds: Bounds = FLOW) -> Document:
    """Read a document.

    Raises DocumentInvalid; problems that do not stop the reading are all in it.
    """
    if "\0" in source:
        raise _stop("The document holds a NUL character.")
    try:
        size = len(source.encode())
    except UnicodeEncodeError:
        raise _stop("The document holds half of a surrogate pair, which is not text.") from None
    if size > bounds.size:
        raise _stop(f"The document is larger than {bounds.size // 1024} KiB.")
    reader = _Reader(bounds)
    try:
        reader.read(yaml.parse(source, _Loader))
    except yaml.YAMLError as error:
        raise _not_yaml(error) from None
    if reader.problems:
        raise DocumentInvalid(reader.problems)
    return Document(reader.data, reader.places)


def _stop(message: str, place: Place = (1, 1), path: Path = ()) -> DocumentInvalid:
    return DocumentInvalid([Problem(*place, format_path(path), message)])


def _not_yaml(error: yaml.YAMLError) -> DocumentInvalid:
    # libyaml's bindings put the sentence in `problem` or, without a context, in `context`.
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    place = _place(mark) if mark is not None else (1, 1)
    return _stop(f"This is not valid YAML: {reason}.", place)


def _place(mark: Any) -> Place:
    return (mark.line + 1, mark.column + 1)


@dataclass(slots=True)
class _Level:
    """A list or mapping that is being read, and the key whose value comes next."""

    container: list[Any] | dict[str, Any]
    path: Path
    key: str | None = None

    def next_path(self) -> Path:
        if isinstance(self.container, list):
            return (*self.path, len(self.container))
        return self.path if self.key is None else (*self.path, self.key)

    def awaits_key(self) -> bool:
        return isinstance(self.container, dict) and self.key is None

    def take(self, value: Any) -> None:
        if isinstance(self.container, list):
            self.container.append(value)
        elif self.key is not None:
            self.container[self.key] = value
            self.key = None


@dataclass(slots=True)
class _Reader:
    """Builds data from parser events, so that no alias is expanded and no depth recursed."""

    bounds: Bounds
    problems: list[Problem] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    data: Any = None
    levels: list[_Level] = field(default_factory=list)
    documents: int = 0

    def read(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise _stop("Only one document is allowed.", _place(event.start_mark))
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.levels.pop()
        if self.documents == 0 or self.data is None:
            raise _stop("The document is empty.")

    def _node(self, event: Any) -> None:
        place = _place(event.start_mark)
        if event.anchor is not None:
            self._problem(place, "Anchors and aliases (& and *) are not allowed.")
        if getattr(event, "tag", None) is not None:
            self._problem(place, f"Tags such as {event.tag[:40]} are not allowed.")
        if self.levels and self.levels[-1].awaits_key():
            self._key(event, place)
            return
        path = self.levels[-1].next_path() if self.levels else ()
        self.places.setdefault(path, place)
        if isinstance(event, yaml.ScalarEvent):
            self._take(self._scalar(event, place))
        elif isinstance(event, yaml.AliasEvent):
            self._take(None)
        else:
            self._open([] if isinstance(event, yaml.SequenceStartEvent) else {}, path, place)

    def _key(self, event: Any, place: Place) -> None:
        level = self.levels[-1]
        if not isinstance(event, yaml.ScalarEvent):
            # `a: {{ b }}` is to YAML an object whose key is an object.
            braces = isinstance(event, yaml.MappingStartEvent) and event.flow_style
            more = " Put {{ … }} in quotes." if braces else ""
            raise _stop(f"A key must be text.{more}", place, level.path)
        if not isinstance(self._scalar(event, place), str):
            self._problem(place, f"A key must be text: put {event.value or 'it'} in quotes.")
        if event.value in level.container:
            self._problem(place, f"The key {event.value} is here twice.")
        level.key = event.value
        self.places.setdefault(level.next_path(), place)

    def _scalar(self, event: Any, place: Place) -> Any:
        text = event.value
        if not event.implicit[0] or event.style:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return self._integer(text, place)
        if _NOT_FINITE.fullmatch(text):
            self._problem(place, "Infinity and NaN are not JSON numbers.")
        elif _FLOAT.fullmatch(text):
            number = float(text)
            if not math.isinf(number):
                return number
            self._problem(place, f"The number {text[:40]} is too large.")
        return text

    def _integer(self, text: str, place: Place) -> int | str:
        digits = text.lstrip("+-")
        base = {"0o": 8, "0x": 16}.get(digits[:2], 10)
        number = int(text, base) if len(text) < 100 else self.bounds.integer + 1
        if abs(number) <= self.bounds.integer:
            return number
        bits = self.bounds.integer.bit_length()
        self._problem(place, f"An integer beyond 2^{bits} is not exact: put it in quotes.")
        return text

    def _open(self, container: list[Any] | dict[str, Any], path: Path, place: Place) -> None:
        self._take(container)
        self.levels.append(_Level(container, path))
        if len(self.levels) > self.bounds.levels:
            raise _stop(f"The document is more than {self.bounds.levels} levels deep.", place)

    def _take(self, value: Any) -> None:
        if self.levels:
            self.levels[-1].take(value)
        else:
            self.data = value

    def _problem(self, place: Place, message: str) -> None:
        path = self.levels[-1].next_path() if self.levels else ()
        self.problems.append(Problem(*place, format_path(path), message))
