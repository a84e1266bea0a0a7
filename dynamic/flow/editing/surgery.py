"""Edit the steps in the text of a flow document, so that comments and formatting survive.

ruamel.yaml keeps comments, too, but with the element before them: moving a step would take the
comment of the next one along. Here steps are lines (`layout.py`), which are cut out and put in.
What is in brackets on the way to them is turned into lines first (`blocking.py`).

Every result is read again and compared with the same edit of the data: an edit that would make
the document say something else is refused. The last line always ends with a break afterwards.

Each function raises EditImpossible, and DocumentInvalid for a source that cannot be read.
"""

import json
from collections.abc import Callable
from typing import Any

from dynamic.flow.document import parse
from dynamic.flow.editing import plain, writing
from dynamic.flow.editing.blocking import in_lines
from dynamic.flow.editing.keeping import without_kept_lines
from dynamic.flow.editing.layout import Layout
from dynamic.flow.editing.lines import Piece, cut, over, piece_of, put
from dynamic.flow.editing.merging import Merge, same
from dynamic.flow.editing.plain import EditImpossible
from dynamic.flow.editing.structure import Place, free_name, names_in, part, ranks, without_list
from dynamic.flow.problems import DocumentInvalid

__all__ = ["EditImpossible", "Place", "copy", "insert", "move", "remove", "replace", "set_disabled"]

Step = dict[str, Any]
_Edit = Callable[[Layout], str]
_NO_LINES = "This part of the document is empty or of an unusual form: edit it as text."


def insert(source: str, steps: Place, index: int, step: Step) -> str:
    """Put a step before the one that has this index, or at the end of the list.

    The list may be absent, as `else` of an `if`: then it is made.
    """
    order = ranks(step)
    written = {key: step[key] for key in sorted(step, key=order.__getitem__)}

    def edit(layout: Layout) -> str:
        return put(layout, steps, index, Piece(writing.item(written, 0, layout.dash()), 0))

    layout = _opened(source, step)
    return _edited(layout, edit, plain.inserted(layout.data, steps, index, step))


def replace(source: str, place: Place, step: Step) -> str:
    """Write a step anew, but for keys (and keys inside of them) whose value stays the same."""
    layout = _opened(source, step)
    expected = plain.replaced(layout.data, place, step)
    if same(part(layout.data, place), step):
        return source
    return _edited(layout, lambda layout: _replaced(layout, place, step), expected)


def remove(source: str, place: Place) -> str:
    """Take a step out, with the comments above it.

    The only step of a list goes where the list may go with it: `else`, a part of `elif`, what
    follows a `return`. Elsewhere it has to stay.
    """
    layout = _opened(source)
    return _edited(
        layout, lambda layout: _removed(layout, place), plain.removed(layout.data, place)
    )


def move(source: str, place: Place, steps: Place, index: int) -> tuple[str, Place]:
    """Move a step, with the comments above it. Give its new place, too.

    `steps` is a list as it is called before the move, and may be absent. `index` is the one that
    the step has in it afterwards.
    """
    layout = _opened(source)
    way = plain.way(layout.data, place, steps, index)
    if way.stays:
        return source, place

    def edit(layout: Layout) -> str:
        layout = in_lines(layout, place[:-1])
        text = put(layout, steps, way.index, piece_of(layout, place))
        return _removed(Layout(text), way.old)

    return _edited(layout, edit, plain.moved(layout.data, place, steps, way)), way.new


def copy(source: str, place: Place) -> tuple[str, Place]:
    """Put a copy of a step right behind it. Give the copy's place, too.

    A call or run in the copy gets a name that is free: order becomes order_2.
    """
    layout = _opened(source)
    step = plain.step_at(layout.data, place)
    steps, index = place[:-1], int(place[-1]) + 1
    names = _new_names(layout.data, place)
    named = json.loads(json.dumps(step))
    for at, name in names_in(step, ()):
        part(named, at[:-1])[at[-1]] = names[name]

    def edit(layout: Layout) -> str:
        layout = in_lines(layout, steps)
        return put(layout, steps, index, piece_of(_renamed(layout, place, names), place))

    expected = plain.inserted(layout.data, steps, index, named)
    return _edited(layout, edit, expected), (*steps, index)


def set_disabled(source: str, place: Place, disabled: bool) -> str:
    """Say that a step is left out of the flow, or take that back."""
    step = plain.step_at(_opened(source).data, place)
    if not isinstance(step, dict) or not step:
        raise EditImpossible("Only a step that is a mapping can be disabled.")
    rest = {key: value for key, value in step.items() if key != "disabled"}
    if (step.get("disabled") is True) == disabled:
        return source
    return replace(source, place, {**rest, "disabled": True} if disabled else rest)


def _opened(source: str, step: Step | None = None) -> Layout:
    try:
        json.dumps(step, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise EditImpossible("This step holds something that JSON cannot say.") from None
    if step == {}:
        raise EditImpossible("A step needs a kind: an empty one cannot be written.")
    return Layout(source)


def _edited(layout: Layout, edit: _Edit, expected: Any) -> str:
    """Edit, and check the result; once more without texts that hold the blank lines below."""
    text = _attempt(layout, edit)
    if not _says(text, expected):
        text = _attempt(without_kept_lines(layout), edit)
        if not _says(text, expected):
            raise EditImpossible(_NO_LINES)
    return text


def _attempt(layout: Layout, edit: _Edit) -> str:
    try:
        return edit(layout)
    except (LookupError, DocumentInvalid):
        raise EditImpossible(_NO_LINES) from None


def _says(text: str, expected: Any) -> bool:
    try:
        data = parse(text).data
    except DocumentInvalid:
        return False
    return json.dumps(data, sort_keys=True) == json.dumps(expected, sort_keys=True)


def _removed(layout: Layout, place: Place) -> str:
    steps = place[:-1]
    if len(part(layout.data, steps)) > 1:
        return cut(layout, place)
    rest = without_list(layout.data, steps)
    if rest is None:
        raise LookupError(place)
    return _replaced(layout, *rest)


def _replaced(layout: Layout, place: Place, step: Step) -> str:
    old = part(layout.data, place)
    layout = in_lines(layout, place if isinstance(old, dict) and old else place[:-1])
    index = int(place[-1])
    lines = Merge(layout).step(layout.node(place[:-1]), index, old, step)
    return over(layout, place, lines)


def _new_names(data: Any, place: Place) -> dict[str, str]:
    """Give a free name for each name of a step and of those inside it."""
    steps = part(data, ("steps",))
    taken = {name for index, step in enumerate(steps) for _, name in names_in(step, (index,))}
    names: dict[str, str] = {}
    for _, name in names_in(part(data, place), place):
        if name not in names:
            names[name] = free_name(name, taken)
            taken.add(names[name])
    return names


def _renamed(layout: Layout, place: Place, names: dict[str, str]) -> Layout:
    """Give the document with other names in one step, each on its line."""
    renamed = Layout(layout.text(layout.lines))
    marks = [(layout.node(at), name) for at, name in names_in(part(layout.data, place), place)]
    for node, name in sorted(marks, key=lambda mark: mark[0].start_mark.index, reverse=True):
        line, start, end = node.start_mark.line, node.start_mark.column, node.end_mark.column
        text = renamed.lines[line]
        renamed.lines[line] = text[:start] + names[name] + text[end:]
    return renamed
