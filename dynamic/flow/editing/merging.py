"""Write a changed step over the old one, so that what did not change keeps its lines.

Keys and items whose value is the same stay as they are written, with their comments. A mapping
in block style is looked into, however deep, and so is a list. What changed is written anew: the
comments within it go, those above, below and behind it stay.
"""

import json
from itertools import zip_longest
from typing import Any

from dynamic.flow.editing import writing
from dynamic.flow.editing.layout import Layout, Span, clamped, is_block
from dynamic.flow.editing.structure import ranks

_Step = dict[str, Any]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to a flow, for which keys have an order and 1 is not 1.0."""
    return json.dumps(one) == json.dumps(other)


class Merge:
    """Merges changed data into one document."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines = layout.lines
        self._dash = layout.dash()

    def step(self, steps: Any, index: int, old: Any, new: _Step) -> list[str]:
        """Give the lines for a step of a list (a node), from its first comment to its end."""
        span = self._layout.items(steps)[index]
        above = self._lines[span.lead : span.start]
        node = steps.value[index]
        if isinstance(old, dict) and old and is_block(node, dict):
            order = ranks(new)
            lines = self._item(steps.start_mark.column, span, node, old, new, order)
        else:
            order = ranks(new)
            new = {key: new[key] for key in sorted(new, key=order.__getitem__)}
            lines = self._anew(steps.start_mark.column, node, new)
        return above + lines + self._below(span, node)

    def _item(
        self,
        column: int,
        span: Span,
        node: Any,
        old: _Step,
        new: _Step,
        order: dict[str, int] | None = None,
    ) -> list[str]:
        above, lines = self._mapping(node, old, new, order)
        inner = node.start_mark.column
        if node.start_mark.line > span.start:
            return [self._lines[span.start], *above, *lines]
        dash = self._lines[span.start][:inner]
        return [*clamped(above, column), dash + lines[0][inner:], *lines[1:]]

    def _mapping(
        self, node: Any, old: _Step, new: _Step, order: dict[str, int] | None
    ) -> tuple[list[str], list[str]]:
        """Give the lines above its first key, and those from there on."""
        column, stop = node.start_mark.column, self._layout.stop(node)
        pieces: list[tuple[str, list[str], list[str]]] = []
        for child, span in zip(node.value, self._layout.pairs(node), strict=True):
            key = child[0]
            if key.value not in new:
                continue
            above = clamped(self._lines[span.bound : span.start], column)
            lines = self._pair(child, span, column, old[key.value], new[key.value])
            lines += clamped(self._lines[span.stop : min(span.end, stop)], column)
            pieces.append((key.value, above, lines))
        for key in new if order is None else sorted(new, key=order.__getitem__):
            if key not in old:
                lines = writing.pair(key, new[key], column, self._dash)
                pieces.insert(_position(key, [p[0] for p in pieces], new, order), (key, [], lines))
        body = [
            line
            for number, (_, above, lines) in enumerate(pieces)
            for line in (above if number else []) + lines
        ]
        return pieces[0][1], body

    def _pair(self, child: Any, span: Span, column: int, old: Any, new: Any) -> list[str]:
        key, value = child
        head = " " * column + self._lines[span.start][column:]
        if same(old, new):
            return [head, *self._lines[span.start + 1 : span.stop]]
        if value.start_mark.line > key.end_mark.line == span.start:
            if _is_mergeable(value, old, new):
                above, lines = self._mapping(value, old, new, None)
                return [head, *above, *lines]
            if is_block(value, list) and isinstance(new, list) and new:
                return [head, *self._list(value, old, new)]
        lines = writing.pair(key.value, new, column, self._dash)
        return [lines[0] + self._layout.remark(key, value), *lines[1:]]

    def _list(self, node: Any, old: list[Any], new: list[Any]) -> list[str]:
        column, stop = node.start_mark.column, self._layout.stop(node)
        spans = self._layout.items(node)
        lines: list[str] = []
        for before, after in _aligned(old, new):
            if after is None:
                continue
            if before is None:
                lines += writing.item(new[after], column, self._dash)
                continue
            span, item = spans[before], node.value[before]
            lines += clamped(self._lines[span.bound : span.start], column)
            if same(old[before], new[after]):
                lines += self._lines[span.start : span.stop]
            elif _is_mergeable(item, old[before], new[after]):
                lines += self._item(column, span, item, old[before], new[after])
            else:
                lines += self._anew(column, item, new[after])
            lines += clamped(self._lines[span.stop : min(span.end, stop)], column)
        return lines

    def _anew(self, column: int, node: Any, value: Any) -> list[str]:
        lines = writing.item(value, column, self._dash)
        remark = (
            ""
            if is_block(node, dict) or is_block(node, list)
            else (self._layout.remark(node, node))
        )
        return [lines[0] + remark, *lines[1:]]

    def _below(self, span: Span, node: Any) -> list[str]:
        column = node.start_mark.column if is_block(node, dict) else 0
        below = self._lines[span.stop : span.end]
        return clamped(below, column) if column else below


def _is_mergeable(node: Any, old: Any, new: Any) -> bool:
    """Whether a mapping can be changed key by key: what stays is in the order that it had."""
    if not is_block(node, dict) or not isinstance(new, dict):
        return False
    kept = [key for key in old if key in new]
    return bool(kept) and kept == [key for key in new if key in old]


def _position(key: str, present: list[str], new: _Step, order: dict[str, int] | None) -> int:
    """Where a new key goes among those that are there: in the order of its kind, or of `new`."""
    if order is None:
        keys = list(new)
        before = keys[: keys.index(key)]
        return len(before)
    ahead = [number for number, name in enumerate(present) if order[name] <= order[key]]
    return ahead[-1] + 1 if ahead else 0


def _aligned(old: list[Any], new: list[Any]) -> list[tuple[int | None, int | None]]:
    """Pair the indices of two lists: what is the same at both ends, then one after the other."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if not same(old[i], new[i])), shorter)
    tail = next(
        (i for i in range(shorter - head) if not same(old[-1 - i], new[-1 - i])), shorter - head
    )
    ends = len(old) - tail, len(new) - tail
    pairs: list[tuple[int | None, int | None]] = [(i, i) for i in range(head)]
    pairs += zip_longest(range(head, ends[0]), range(head, ends[1]))
    pairs += zip(range(ends[0], len(old)), range(ends[1], len(new)), strict=True)
    return pairs
