"""Paths to fields, as the rows of a mapping name them: `shipping."post code"`, `items[0].sku`.

A name without quotes is of letters, digits, `_`, `-`, `@`, `#` and `:`; any other one stands in
double quotes, as in JSON, or in backticks. `[0]` takes an item of a list, `[-1]` the last one, and
`[]` keeps a list of one item a list. `$` alone is the whole. A name that meets a list is looked up
in each of its items.
"""

import json
import re
from dataclasses import dataclass

from dynamic.flow.mapping.literals import name

MAX_PATH = 500  # characters

WHOLE = "$"
_PLAIN = re.compile(r"[\w@#:-]+")
_PART = re.compile(
    r"""
    \s* (?: (?P<plain> [\w@#:-]+ )
          | (?P<quoted> "(?:[^"\\]|\\.)*" )
          | `(?P<ticked> [^`]* )` )
    (?P<indexes> (?: \[ \s* (?:-?[0-9]{1,9})? \s* \] )* ) \s*
    """,
    re.VERBOSE | re.DOTALL,
)
_RULE = (
    'Write names with dots between them, as in items[0].sku, and odd names in quotes: "post code"'
)


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a path: a field's name and what of its list is taken, as `[0]` or `[]`."""

    name: str
    indexes: str = ""


def read_source(text: str) -> tuple[Part, ...]:
    """Read the path of a source; no parts are the whole. Raises ValueError with a sentence."""
    return () if text.strip() == WHOLE else _read(text)


def read_target(text: str) -> tuple[str, ...]:
    """Read the path of a target: names alone. Raises ValueError with a sentence."""
    parts = _read(text)
    if any(part.indexes for part in parts):
        raise ValueError(f"The target {text.strip()[:100]} takes an item of a list: name a field.")
    return tuple(part.name for part in parts)


def write_path(names: tuple[str, ...]) -> str:
    """Write names so that they are read back as they are."""
    return ".".join(
        each if _PLAIN.fullmatch(each) else json.dumps(each, ensure_ascii=False) for each in names
    )


def to_jsonata(variable: str, parts: tuple[Part, ...]) -> str:
    """The path in JSONata, from what a variable holds."""
    return ".".join((variable, *(f"{name(part.name)}{part.indexes}" for part in parts)))


def _read(text: str) -> tuple[Part, ...]:
    if len(text) > MAX_PATH:
        raise ValueError(f"A path has at most {MAX_PATH} characters.")
    parts: list[Part] = []
    position = 0
    while match := _PART.match(text, position):
        parts.append(Part(_name_in(match), re.sub(r"\s", "", match["indexes"])))
        position = match.end()
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            break
        position += 1
    raise ValueError(f"The path {text.strip()[:100] or 'is empty'} cannot be read. {_RULE}.")


def _name_in(match: re.Match[str]) -> str:
    if match["quoted"] is None:
        return match["plain"] or match["ticked"] or ""
    try:
        found: str = json.loads(match["quoted"], strict=False)
        found.encode()
    except ValueError:
        raise ValueError(f"The name {match['quoted'][:100]} is no text as in JSON.") from None
    return found
