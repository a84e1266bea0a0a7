"""Cut the lines of a step out of a document, and put others in."""

from dataclasses import dataclass
from typing import Any

from dynamic.flow.editing.blocking import in_lines
from dynamic.flow.editing.layout import Layout, Span, clamped, is_aside, is_comment, shifted
from dynamic.flow.editing.structure import Place, part, ranks


@dataclass(frozen=True, slots=True)
class Piece:
    """A step as lines, with the comments above it, and the column of its dash."""

    lines: list[str]
    column: int

    def at(self, column: int) -> list[str]:
        lines = shifted(self.lines, column - self.column)
        first = next(n for n, line in enumerate(lines) if not is_aside(line))
        return clamped(lines[:first], column) + lines[first:]


def piece_of(layout: Layout, place: Place) -> Piece:
    """Give the lines of a step of a list in block style."""
    node = layout.node(place[:-1])
    span = layout.items(node)[int(place[-1])]
    return Piece(layout.lines[span.lead : span.end], node.start_mark.column)


def put(layout: Layout, steps: Place, index: int, piece: Piece) -> str:
    """Give the text with a step more; `index` is in the list, or behind its last step."""
    if not _present(layout.data, steps):
        return _put_list(in_lines(layout, steps[:-1]), steps, piece)
    layout = in_lines(layout, steps)
    node = layout.node(steps)
    column, spans = node.start_mark.column, layout.items(node)
    at = spans[index].lead if index < len(spans) else spans[-1].end
    lines = piece.at(column)
    # Steps that are parted by blank lines stay so.
    gap = [""] * _gap(spans, index)
    lines = lines + gap if index < len(spans) else gap + lines
    return _spliced(layout, at, at, lines, column)


def cut(layout: Layout, place: Place) -> str:
    """Give the text without a step, which is not the only one of its list."""
    layout = in_lines(layout, place[:-1])
    node, index = layout.node(place[:-1]), int(place[-1])
    spans = layout.items(node)
    span, column = spans[index], node.start_mark.column
    if index + 1 < len(spans):
        return _spliced(layout, span.lead, spans[index + 1].lead, [], column)
    return _spliced(layout, span.bound, span.end, [], column)


def over(layout: Layout, place: Place, lines: list[str]) -> str:
    """Give the text with these lines where a step of a list in block style stands."""
    node = layout.node(place[:-1])
    span = layout.items(node)[int(place[-1])]
    return _spliced(layout, span.lead, span.end, lines, node.start_mark.column)


def _put_list(layout: Layout, steps: Place, piece: Piece) -> str:
    """Give the text with a list of one step, where there is none, or an empty one."""
    key, around = str(steps[-1]), layout.node(steps[:-1])
    column, spans = around.start_mark.column, layout.pairs(around)
    lines = piece.at(column + layout.dash())
    for (name, value), span in zip(around.value, spans, strict=True):
        if name.value == key:
            head = layout.lines[span.start][: name.end_mark.column] + ":"
            lines = [head + layout.remark(name, value), *lines]
            return _spliced(layout, span.start, span.stop, lines, column)
    data = part(layout.data, steps[:-1])
    order = ranks({**data, key: None})
    ahead = [
        span
        for (name, _), span in zip(around.value, spans, strict=True)
        if order[name.value] <= order[key]
    ]
    at = (ahead or spans)[-1].end
    return _spliced(layout, at, at, [" " * column + f"{key}:", *lines], column)


def _present(data: Any, steps: Place) -> bool:
    around = part(data, steps[:-1])
    return isinstance(around, dict) and bool(around.get(steps[-1]))


def _gap(spans: list[Span], index: int) -> int:
    if len(spans) == 1:
        return 0
    span = spans[min(max(index, 1), len(spans) - 1)]
    return span.lead - span.bound


def _spliced(layout: Layout, start: int, end: int, lines: list[str], column: int) -> str:
    below = list(layout.lines[end:])
    for number, line in enumerate(below):
        if not is_aside(line):
            break
        if is_comment(line):
            below[number] = clamped([line], column)[0]
    return layout.text([*layout.lines[:start], *lines, *below])
