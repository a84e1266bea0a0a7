"""Turn a part of a document that is written in brackets into lines, as far as an edit needs it.

Only the lists and mappings on the way to a place are turned; what they hold stays as it is
written. Comments within the brackets go above, or behind, what they stood with.
"""

import re
from typing import Any

from dynamic.flow.editing import writing
from dynamic.flow.editing.layout import Layout, indent_of, is_mapping, shifted
from dynamic.flow.editing.structure import Place

_COMMENT = re.compile(r"#.*")


def in_lines(layout: Layout, place: Place) -> Layout:
    """Give the document with everything down to a place, the part there included, in lines.

    Raises LookupError where something on the way is empty.
    """
    for depth in range(len(place) + 1):
        node = layout.node(place[:depth])
        if isinstance(node.value, list) and node.flow_style:
            return Layout(layout.text(_Turning(layout).lines(node, place, depth)))
    return layout


class _Turning:
    """Turns one part, which stands in lines that are not in brackets themselves."""

    def __init__(self, layout: Layout) -> None:
        self._lines = layout.lines
        self._layout = layout
        self._dash = layout.dash()

    def lines(self, node: Any, place: Place, depth: int) -> list[str]:
        start, end = node.start_mark, node.end_mark
        before = self._lines[start.line][: start.column]
        remark = self._lines[end.line][end.column :].strip()
        is_item = depth > 0 and isinstance(place[depth - 1], int)
        column = start.column if is_item else self._column(node, place, depth)
        lines = self._part(node, place[depth:], column)
        if is_item and before.strip():
            above, lines = _split(lines)
            head = [*shifted(above, before.index("-") - column), before + lines[0][column:]]
            lines = head + lines[1:]
            if remark:
                lines.insert(len(head) - 1, " " * before.index("-") + remark)
        elif before.strip():
            lines.insert(0, before.rstrip() + (f"  {remark}" if remark else ""))
        elif remark:
            lines.insert(0, " " * column + remark)
        return self._lines[: start.line] + lines + self._lines[end.line + 1 :]

    def _column(self, node: Any, place: Place, depth: int) -> int:
        if depth == 0:
            return 0
        around = self._layout.node(place[: depth - 1])
        key = next(name for name, value in around.value if value is node)
        return int(key.start_mark.column + (2 if is_mapping(node) else self._dash))

    def _part(self, node: Any, way: Place, column: int) -> list[str]:
        """Give a part as lines, the first of its keys or items at a column."""
        if not node.value:
            raise LookupError(way)
        lines: list[str] = []
        end, alone = node.start_mark, False
        for index, child in enumerate(node.value):
            key, value = child if is_mapping(node) else (None, child)
            begin = value.start_mark if key is None else key.start_mark
            self._aside(lines, end, begin, column, alone=alone)
            if key is not None:
                self._aside(lines, key.end_mark, value.start_mark, column, alone=False)
            onward = bool(way) and way[0] == (index if key is None else key.value)
            rest = way[1:] if onward and isinstance(value.value, list) else None
            more = (
                self._item(value, rest, column)
                if key is None
                else self._pair(key, value, rest, column)
            )
            lines += more
            end, alone = value.end_mark, len(more) == 1
        self._aside(lines, end, node.end_mark, column, alone=alone)
        return lines

    def _aside(self, lines: list[str], start: Any, end: Any, column: int, *, alone: bool) -> None:
        """Add the comments between two marks, the first one behind a line that it stood behind."""
        for number, text in enumerate(self._between(start, end)):
            found = _COMMENT.search(text)
            if found and number == 0 and alone:
                lines[-1] += f"  {found.group()}"
            elif found:
                lines.append(" " * column + found.group())

    def _pair(self, key: Any, value: Any, way: Place | None, column: int) -> list[str]:
        head = " " * column + writing.scalar(key.value, in_line=True) + ":"
        if way is None:
            first, *more = self._raw(value, column + 2)
            return [f"{head} {first}".rstrip(" "), *more]
        return [head, *self._part(value, way, column + (2 if is_mapping(value) else self._dash))]

    def _item(self, value: Any, way: Place | None, column: int) -> list[str]:
        head = " " * column + "-"
        if way is None:
            first, *more = self._raw(value, column + 2)
            return [f"{head} {first}".rstrip(" "), *more]
        above, lines = _split(self._part(value, way, column + 2))
        return [*shifted(above, -2), f"{head} {lines[0][column + 2 :]}", *lines[1:]]

    def _raw(self, node: Any, column: int) -> list[str]:
        """Give a value as it is written; its further lines, if any, begin at a column."""
        first, *more = self._between(node.start_mark, node.end_mark)
        texts = [line for line in more if line.strip()]
        indent = min((indent_of(line) for line in texts), default=0)
        return [first, *shifted(more, column - indent)]

    def _between(self, start: Any, end: Any) -> list[str]:
        if start.line == end.line:
            return [self._lines[start.line][start.column : end.column]]
        first, last = self._lines[start.line][start.column :], self._lines[end.line][: end.column]
        return [first, *self._lines[start.line + 1 : end.line], last]


def _split(lines: list[str]) -> tuple[list[str], list[str]]:
    """Part the comments at the top from what follows."""
    count = next(n for n, line in enumerate(lines) if not line.lstrip().startswith("#"))
    return lines[:count], lines[count:]
