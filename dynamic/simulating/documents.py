"""What the documents of flows say about their steps: what each does, and what it reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from dynamic.flow.document import Document, format_path, parse
from dynamic.flow.editing.outline import Node, outline
from dynamic.flow.editing.structure import Place, lists_of
from dynamic.flow.exchange import Entry
from dynamic.flow.problems import DocumentInvalid, ExpressionInvalid
from dynamic.flow.reading import Read, read
from dynamic.flow.scanner import split

LARGEST_SHOWN = 4000  # bytes of JSON; of what is larger it is told what it is

_NOTHING = "(nothing)"
_NAMED = ("call", "run")  # their name is their label, of all others it is their place


@dataclass(frozen=True, slots=True)
class Described:
    """One step of a document."""

    label: str
    summary: str
    depth: int  # how many steps it stands inside of
    reads: tuple[Read, ...]


@dataclass
class Steps:
    """The steps of one document, in its order; those that are disabled are not run."""

    source: str

    @cached_property
    def all(self) -> list[Described]:
        try:
            document = parse(self.source)
        except DocumentInvalid:
            return []
        return list(_described(document, outline(document), 0))

    @cached_property
    def by_label(self) -> dict[str, Described]:
        return {step.label: step for step in self.all}


@dataclass
class Documents:
    """The documents that a run may come to: `main`, and those of other flows by slug."""

    main: str
    others: Mapping[str, str] = field(default_factory=dict)
    _steps: dict[str | None, Steps] = field(default_factory=dict)

    def reads(self, slug: str | None, label: str, scope: dict[str, Any]) -> Entry:
        """What a step of a flow (None: the main one) finds in its scope, by name and path."""
        if slug not in self._steps:
            self._steps[slug] = Steps(self.main if slug is None else self.others.get(slug, ""))
        step = self._steps[slug].by_label.get(label)
        found: Entry = {}
        for each in step.reads if step else ():
            path, value = _find(each, scope)
            found[path] = _shortened(value)
        return found


def _described(
    document: Document, nodes: tuple[Node, ...] | list[Node], depth: int
) -> Iterator[Described]:
    for node in nodes:
        if node.disabled:
            continue
        label = node.title if node.kind in _NAMED else format_path(node.place)
        reads = tuple(_reads(_at(document.data, node.place)))
        yield Described(label, node.summary, depth, reads)
        for branch in node.branches:
            yield from _described(document, branch.nodes, depth + 1)


def _at(data: Any, place: Place) -> Any:
    for key in place:
        data = data[key]
    return data


def _reads(step: Any) -> Iterator[Read]:
    # What a loop collects is read at the end of each item, from what its steps have set.
    inside = {("collect",), *(place for place, _ in lists_of(step, ()))}
    for text in _texts(step, (), inside):
        try:
            pieces = split(text)
        except ExpressionInvalid:
            continue
        for piece in pieces:
            if not isinstance(piece, str):
                yield from read(piece.text).names


def _texts(value: Any, place: Place, inside: set[Place]) -> Iterator[str]:
    """Every text of a step that is not `inside` of it, with an expression in it."""
    if place in inside:
        return
    if isinstance(value, str):
        if "{{" in value:
            yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _texts(held, (*place, key), inside)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*place, index), inside)


def _find(each: Read, scope: dict[str, Any]) -> tuple[str, Any]:
    """The value of a name, and of its fields as far as objects go."""
    path = ""
    value: Any = scope
    for name in (each.name, *each.fields):
        if not isinstance(value, dict):
            break
        path, value = f"{path}.{name}" if path else name, value.get(name, _NOTHING)
    return path, value


def _shortened(value: Any) -> Any:
    """Shortened before secrets are masked, so nothing may be cut in two: it is told what it is."""
    try:
        if len(orjson.dumps(value)) <= LARGEST_SHOWN:
            return value
    except orjson.JSONEncodeError:
        return "(what JSON cannot hold)"
    match value:
        case str():
            return f"(a text of {len(value):,} characters)"
        case list():
            return f"(a list of {len(value):,})"
    return f"(an object of {len(value):,} fields)"
