"""Write JSON data as the YAML that people write by hand.

Nothing is wrapped. Text is bare where every reader takes it for text: also those of YAML 1.1,
for which `no`, `2026-01-01` and `1_000` are something else.
"""

import json
import math
import re
from typing import Any

import yaml

_WIDTH = 90  # of a mapping or list that is written in one line
_BARE = re.compile(r"[\w/$(<.+=~^;](?:[^\x00-\x1f\x7f]*\S)?")
_NUMBER = re.compile(r"[-+]?\.?[0-9][0-9A-Za-z_.:+-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_UNSAFE = re.compile(r": |:$| #|---|^\.\.\.")
_UNSAFE_IN_LINE = re.compile(r"[:,\[\]{}]")
# What YAML allows in a document, section 5.1, but line breaks (also those of YAML 1.1).
_UNPRINTABLE = re.compile(
    "[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_RESOLVER: Any = yaml.resolver.Resolver()
_BARE_NULL = frozenset({"break", "continue", "return"})  # kinds of steps that may hold nothing


def pair(key: str, value: Any, column: int, dash: int) -> list[str]:
    """Write a key and its value as lines; `dash` is how far a list stands in from its key."""
    head = " " * column + scalar(key, in_line=True) + ":"
    if value is None and key in _BARE_NULL:
        return [head]
    if (short := _short(value, len(head))) is not None:
        return [f"{head} {short}"]
    if isinstance(value, str):
        return _literal(head, value, column + 2)
    if isinstance(value, dict):
        return [head, *mapping(value, column + 2, dash)]
    return [head, *(line for part in value for line in item(part, column + dash, dash))]


def mapping(value: dict[str, Any], column: int, dash: int) -> list[str]:
    return [line for key, inner in value.items() for line in pair(key, inner, column, dash)]


def item(value: Any, column: int, dash: int) -> list[str]:
    """Write an item of a list as lines, the first of which begins with its dash."""
    head = " " * column + "-"
    if isinstance(value, dict) and value:
        lines = mapping(value, column + 2, dash)
        return [f"{head} {lines[0][column + 2 :]}", *lines[1:]]
    if isinstance(value, list) and value and _short(value, len(head)) is None:
        lines = [line for part in value for line in item(part, column + 2, dash)]
        return [f"{head} {lines[0][column + 2 :]}", *lines[1:]]
    if (short := _short(value, len(head))) is not None:
        return [f"{head} {short}"]
    return _literal(head, value, column + 2)


def scalar(value: Any, *, in_line: bool) -> str:
    """Write what is no list and no mapping in one line.

    Raises ValueError for numbers that JSON does not have.
    """
    if not isinstance(value, str):
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("Infinity and NaN are not JSON numbers.")
        return json.dumps(value)
    if _is_bare(value, in_line=in_line):
        return value
    if "\t" in value or "\n" in value or _UNPRINTABLE.search(value):
        return _double_quoted(value)
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'


def _is_bare(text: str, *, in_line: bool) -> bool:
    if not _BARE.fullmatch(text) or _UNSAFE.search(text) or _UNPRINTABLE.search(text):
        return False
    if in_line and _UNSAFE_IN_LINE.search(text):
        return False
    if "{{" in text or _NUMBER.fullmatch(text) or text.lower() in _WORDS:
        return False
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    return bool(tag == "tag:yaml.org,2002:str")


def _double_quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: _escaped(match.group()), quoted).replace("\t", "\\t")


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _short(value: Any, used: int) -> str | None:
    """Give the value in one line; None for one that reads better in several."""
    if isinstance(value, str):
        return None if _is_literal(value) else scalar(value, in_line=False)
    if not isinstance(value, dict | list):
        return scalar(value, in_line=False)
    values = value.values() if isinstance(value, dict) else value
    if any((isinstance(inner, dict | list) and inner) or _is_literal(inner) for inner in values):
        return None
    line = _in_line(value)
    return line if not value or used + len(line) < _WIDTH else None


def _in_line(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{scalar(k, in_line=True)}: {_in_line(inner)}" for k, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_line, value)) + "]"
    return scalar(value, in_line=True)


def _is_literal(value: Any) -> bool:
    """Whether it is a text of several lines that can stand line by line under a `|`."""
    if not isinstance(value, str) or "\n" not in value.rstrip("\n"):
        return False
    lines = value.removesuffix("\n").split("\n")
    begin = next((line for line in lines if line), "")
    return not (
        begin.startswith("\t")
        or not lines[0].strip()
        or not lines[-1].strip()
        or _UNPRINTABLE.search(value.replace("\n", ""))
    )


def _literal(head: str, text: str, column: int) -> list[str]:
    # Where the text itself begins with a space, YAML wants to be told how far it stands in.
    told = "2" if text.startswith(" ") else ""
    end = "" if text.endswith("\n") else "-"
    lines = text.removesuffix("\n").split("\n")
    return [f"{head} |{told}{end}", *(" " * column + line if line else "" for line in lines)]
