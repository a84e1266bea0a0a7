"""Texts below `|+` or `>+`, which hold the blank lines that follow them.

Such a line cannot be told from one that parts two steps, so an edit next to one may change the
text. Where it would, the text is first written in quotes.
"""

from collections.abc import Iterator
from typing import Any

from dynamic.flow.editing import writing
from dynamic.flow.editing.layout import Layout


def without_kept_lines(layout: Layout) -> Layout:
    """Give the document with each such text in quotes, in one line."""
    lines = list(layout.lines)
    for node in reversed(list(_texts(layout.root))):
        start, column = node.start_mark.line, node.start_mark.column
        header = layout.lines[start][column:].split("#")[0]
        if "+" in header:
            remark = layout.remark(node, node)
            quoted = writing.scalar(node.value, in_line=True)
            lines[start : layout.stop(node)] = [layout.lines[start][:column] + quoted + remark]
    return Layout(layout.text(lines))


def _texts(node: Any) -> Iterator[Any]:
    if not isinstance(node.value, list):
        if node.style in ("|", ">"):
            yield node
        return
    for child in node.value:
        for inner in child if isinstance(child, tuple) else (child,):
            yield from _texts(inner)
