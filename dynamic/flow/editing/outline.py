"""A flow document as a tree that a page can show: its steps, and the lists of steps in them.

It takes any document that is YAML: what is no step of a known kind is of the kind "?".
"""

from dataclasses import dataclass
from typing import Any

from dynamic.flow.document import Document
from dynamic.flow.editing.structure import Place, kind_of
from dynamic.flow.editing.summaries import shortened, summary_of, title_of


@dataclass(frozen=True, slots=True)
class Branch:
    """A list of steps in a step. It may be absent: then it does not exist until it gets one."""

    key: str
    title: str
    steps: Place
    nodes: tuple["Node", ...]
    may_be_absent: bool
    exists: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A step. Its title is its own name, where it has one; its summary says what it does."""

    place: Place
    kind: str
    title: str
    summary: str
    disabled: bool
    branches: tuple[Branch, ...]


def outline(document: Document) -> list[Node]:
    """Give the steps of a document in order; none, where it has no list of them."""
    data = document.data
    return list(_nodes(data.get("steps") if isinstance(data, dict) else None, ("steps",)))


def _nodes(steps: Any, place: Place) -> tuple[Node, ...]:
    if not isinstance(steps, list):
        return ()
    return tuple(_node(step, (*place, index)) for index, step in enumerate(steps))


def _node(step: Any, place: Place) -> Node:
    kind = kind_of(step)
    disabled = isinstance(step, dict) and step.get("disabled") is True
    branches = _branches(kind, step, place)
    return Node(place, kind, title_of(kind, step), summary_of(kind, step), disabled, branches)


def _branches(kind: str, step: Any, place: Place) -> tuple[Branch, ...]:
    match kind:
        case "if":
            then = _branch(step, place, "then", "Then")
            otherwise = _branch(step, place, "else", "Else", may_be_absent=True)
            return (then, *_more(step.get("elif"), (*place, "elif")), otherwise)
        case "for":
            return (_branch(step, place, "do", "Do"),)
        case "try":
            return (_branch(step, place, "try", "Try"), _branch(step, place, "catch", "Catch"))
        case "return":
            return (_branch(step, place, "then", "After the answer", may_be_absent=True),)
    return ()


def _more(items: Any, place: Place) -> list[Branch]:
    """Give a branch for each part of `elif`, which may go with its condition."""
    branches = []
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            title = f"Else if {shortened(item.get('if'))}"
            here = (*place, index)
            branches.append(_branch(item, here, "then", title, may_be_absent=True))
    return branches


def _branch(
    around: dict[str, Any], place: Place, key: str, title: str, *, may_be_absent: bool = False
) -> Branch:
    steps = (*place, key)
    nodes = _nodes(around.get(key), steps)
    return Branch(key, title, steps, nodes, may_be_absent, key in around)
