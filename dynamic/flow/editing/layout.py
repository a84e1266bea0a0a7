"""Which lines of a document belong to which step and to which key, comments included.

A comment above a step belongs to it, and so do comments right below it (no blank line between)
that are indented deeper than its dash. The same is true of the keys of a step.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from dynamic.flow.document import parse
from dynamic.flow.editing.structure import Place

# As PyYAML counts lines: by the breaks of YAML 1.1.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_HEADER = re.compile(r"[|>][-+0-9]*")
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Span:
    """The lines, from 0, of a step in its list, or of a key in its mapping."""

    bound: int  # where the one before it ends
    lead: int  # the first comment above it; what lies between is blank
    start: int  # the line of its dash, or of its key
    stop: int  # after its last line
    end: int  # after the comments right below it


class Layout:
    """A document as lines and as a tree of nodes that know their marks. Lines have no breaks."""

    def __init__(self, source: str) -> None:
        """Read a document. Raises DocumentInvalid."""
        self.mark = "\ufeff" if source.startswith("\ufeff") else ""
        text = source.removeprefix(self.mark)
        self.data: Any = parse(text).data
        self.root: Any = yaml.compose(text, _Loader)
        found = _BREAK.search(text)
        self.newline = found.group() if found else "\n"
        self.lines = _BREAK.split(text)
        if self.lines[-1] == "":
            self.lines.pop()
        else:
            self._end_last_text()

    def text(self, lines: list[str]) -> str:
        return self.mark + "".join(line + self.newline for line in lines)

    def node(self, place: Place) -> Any:
        """Give the node at a place that is in the data."""
        node = self.root
        for key in place:
            if isinstance(key, int):
                node = node.value[key]
            else:
                node = next(value for name, value in node.value if name.value == key)
        return node

    def dash(self) -> int:
        """How far the list of all steps stands in from its key: what new lists do, too."""
        for key, value in self.root.value if is_mapping(self.root) else ():
            if key.value == "steps" and is_block(value, list):
                return int(value.start_mark.column - key.start_mark.column)
        return 2

    def items(self, node: Any) -> list[Span]:
        """Give the lines of each item of a list in block style."""
        column = node.start_mark.column
        spans: list[Span] = []
        for item in node.value:
            start = item.start_mark.line
            while not self._has_dash(start, column):
                start -= 1
            spans.append(self._span(spans, start, self.stop(item), column))
        return spans

    def pairs(self, node: Any) -> list[Span]:
        """Give the lines of each key, with its value, of a mapping in block style."""
        column = node.start_mark.column
        spans: list[Span] = []
        for key, value in node.value:
            start = key.start_mark.line
            spans.append(self._span(spans, start, self.stop(value), column))
        return spans

    def stop(self, node: Any) -> int:
        """Give the line after the last one of a node, without blank lines and comments below."""
        while is_block(node, dict) or is_block(node, list):
            node = node.value[-1][1] if is_mapping(node) else node.value[-1]
        if getattr(node, "style", None) not in ("|", ">"):
            return int(node.end_mark.line) + 1
        stop: int = min(int(node.end_mark.line) + (node.end_mark.column > 0), len(self.lines))
        header = _HEADER.match(self.lines[node.start_mark.line], node.start_mark.column)
        if header and "+" in header.group():
            return stop
        return self._without_blank(node.start_mark.line + 1, stop)

    def remark(self, key: Any, value: Any) -> str:
        """Give the comment behind a value, or behind its key, with the space before it."""
        line, column = value.end_mark.line, value.end_mark.column
        if getattr(value, "style", None) in ("|", ">"):
            line, column = value.start_mark.line, value.start_mark.column + 1
        elif is_block(value, dict) or is_block(value, list):
            line, column = key.end_mark.line, key.end_mark.column
        rest = self.lines[line][column:]
        found = re.search(r"\s+#.*", rest)
        return found.group() if found else ""

    def _has_dash(self, line: int, column: int) -> bool:
        # Dashes may stand before it: `- - a` is a list in a list.
        text = self.lines[line]
        return text[column : column + 1] == "-" and not text[:column].strip(" -")

    def _span(self, before: list[Span], start: int, stop: int, column: int) -> Span:
        bound = before[-1].end if before else start
        # The first key of a step stands behind its dash: what is above belongs to the step.
        behind_dash = self.lines[start][:column].strip(" ") != ""
        while not before and not behind_dash and bound and is_aside(self.lines[bound - 1]):
            bound -= 1
        lead = next((n for n in range(bound, start) if self.lines[n].strip()), start)
        end = stop
        while end < len(self.lines) and is_comment(self.lines[end], column + 1):
            end += 1
        return Span(bound, lead, start, stop, end)

    def _without_blank(self, start: int, stop: int) -> int:
        """Where a block of text ends, when blank lines below it do not count."""
        texts = [line for line in self.lines[start:stop] if line.strip(" ")]
        indent = min((indent_of(line) for line in texts), default=0)
        while stop > start and not self.lines[stop - 1].strip(" "):
            if texts and len(self.lines[stop - 1]) > indent:
                break
            stop -= 1
        return stop

    def _end_last_text(self) -> None:
        """Keep a text below `|` as it is when the last line gets a break it did not have."""
        node = self.root
        while isinstance(node.value, list) and node.value:
            node = node.value[-1][1] if is_mapping(node) else node.value[-1]
        if getattr(node, "style", None) in ("|", ">") and not node.value.endswith("\n"):
            line, column = node.start_mark.line, node.start_mark.column
            head = self.lines[line]
            header = _HEADER.match(head, column)
            if header and "-" not in header.group():
                ended = header.group().replace("+", "") + "-"
                self.lines[line] = head[:column] + ended + head[header.end() :]


def is_mapping(node: Any) -> bool:
    return isinstance(node, yaml.MappingNode)


def is_block(node: Any, kind: type[dict[str, Any]] | type[list[Any]]) -> bool:
    """Whether a node is a mapping, or a list, that is written line by line, not in brackets."""
    cls = yaml.MappingNode if kind is dict else yaml.SequenceNode
    return isinstance(node, cls) and not node.flow_style


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def is_comment(line: str, least: int = 0) -> bool:
    """Whether a line is a comment alone, indented at least so far."""
    return line.lstrip(" \t").startswith("#") and indent_of(line) >= least


def is_aside(line: str) -> bool:
    return not line.strip() or is_comment(line)


def shifted(lines: list[str], by: int) -> list[str]:
    """Indent lines further, or less far as they can be."""
    if by >= 0:
        return [" " * by + line if line else line for line in lines]
    return [line[min(-by, indent_of(line)) :] for line in lines]


def clamped(lines: list[str], column: int) -> list[str]:
    """Pull comments back to a column, lest they become part of a text that stands above them."""
    return [
        " " * column + line.lstrip(" ") if is_comment(line, column + 1) else line for line in lines
    ]
