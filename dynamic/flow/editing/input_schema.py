"""Write what a flow takes, its `input`, into the text of its document."""

from typing import Any

from dynamic.flow.document import parse
from dynamic.flow.editing import writing
from dynamic.flow.editing.layout import Layout, is_block
from dynamic.flow.editing.merging import same
from dynamic.flow.editing.plain import EditImpossible
from dynamic.flow.problems import DocumentInvalid

_AS_TEXT = "This document is of an unusual form: edit it as text."


def set_input(source: str, schema: dict[str, Any] | bool) -> str:
    """Write the schema over the one there is, or above the steps. Comments within it go, where it
    becomes another one.

    Raises EditImpossible, and DocumentInvalid for a source that cannot be read.
    """
    layout = Layout(source)
    if isinstance(layout.data, dict) and same(layout.data.get("input"), schema):
        return source
    return _edited(layout, schema)


def without_input(source: str) -> str:
    """Take `input` out, with the comments above it. Raises as `set_input` does."""
    layout = Layout(source)
    has_input = isinstance(layout.data, dict) and "input" in layout.data
    return _edited(layout, None) if has_input else source


def _edited(layout: Layout, schema: dict[str, Any] | bool | None) -> str:
    root = layout.root
    if not is_block(root, dict):
        raise EditImpossible(_AS_TEXT)
    data = {key: value for key, value in layout.data.items() if key != "input"}
    if schema is not None:
        data["input"] = schema
    text = layout.text(_lines(layout, root, schema))
    try:
        is_right = parse(text).data == data
    except DocumentInvalid:
        is_right = False
    if not is_right:
        raise EditImpossible(_AS_TEXT)
    return text


def _lines(layout: Layout, root: Any, schema: dict[str, Any] | bool | None) -> list[str]:
    pairs = [(*pair, span) for pair, span in zip(root.value, layout.pairs(root), strict=True)]
    column, lines = root.start_mark.column, layout.lines
    old = next(((key, value, span) for key, value, span in pairs if key.value == "input"), None)
    if schema is None and old:
        return lines[: old[2].lead] + lines[old[2].end :]
    written = writing.pair("input", schema, column, layout.dash())
    if old:
        key, value, span = old
        written[0] += layout.remark(key, value)
        return lines[: span.start] + written + lines[span.stop :]
    before = next((span for key, _, span in pairs if key.value == "steps"), None)
    at = before.lead if before else pairs[-1][2].end
    return lines[:at] + written + lines[at:]
