"""Text to plain JSON data, from JSON or YAML, within bounds of size, depth and number.

YAML is built from parser events, so that no depth is recursed; scalars are those of the YAML 1.2
core schema (section 10.3), so that `no` and `2026-01-01` stay text. It is laxer than a flow
document, as it takes what other people wrote: an alias shares what its anchor names, and counts
as often as it is used.
"""

import math
import re
from collections.abc import Iterable
from typing import Any

import orjson
import yaml

from dynamic.importing.proposal import SourceInvalid

MAX_BYTES = 5 * 2**20
MAX_LEVELS = 100
MAX_VALUES = 500_000

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")  # what 64 bits hold
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MERGE = "<<"  # https://yaml.org/type/merge.html
_TOO_DEEP = f"It is more than {MAX_LEVELS} levels deep, which no description of an API is."
_TOO_MANY = f"It holds more than {MAX_VALUES:,} values. Paste a part of it."


def check_text(text: str, most_bytes: int = MAX_BYTES) -> str:
    """Give the text without a byte order mark. Raises SourceInvalid when it cannot be read."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise SourceInvalid("It holds half of a surrogate pair, which is not text.") from None
    if size > most_bytes:
        raise SourceInvalid(f"It is larger than {most_bytes // 1024:,} KiB. Paste a part of it.")
    if "\0" in text:
        raise SourceInvalid("It holds a NUL character. Paste it as plain text.")
    return text.removeprefix("\ufeff").strip()


def parse(text: str) -> Any:
    """Read a JSON or YAML document to plain JSON data. Raises SourceInvalid."""
    text = check_text(text)
    if not text:
        raise SourceInvalid("There is nothing in it.")
    return parse_json(text) if text[0] in "{[" else _parse_yaml(text)


def parse_json(text: str) -> Any:
    """Read JSON within the bounds. Raises SourceInvalid."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SourceInvalid(f"It is not valid JSON: {error}.") from None
    _check_bounds(data)
    return data


def _check_bounds(data: Any) -> None:
    level, values = [data], 1
    for _ in range(MAX_LEVELS + 1):
        if any(isinstance(item, str) and "\0" in item for item in level):
            raise SourceInvalid("It holds a NUL character (\\u0000).")
        children = [item for item in level if isinstance(item, dict | list)]
        if not children:
            return
        # Counted before they are gathered: aliases make more of them than the text has bytes.
        values += sum(map(len, children))
        if values > MAX_VALUES:
            raise SourceInvalid(_TOO_MANY)
        level = [part for item in children for part in _parts(item)]
    raise SourceInvalid(_TOO_DEEP)


def _parts(item: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return [*item.keys(), *item.values()] if isinstance(item, dict) else item


def _parse_yaml(text: str) -> Any:
    builder = _Builder()
    try:
        for event in yaml.parse(text, _Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or "unreadable"
        raise SourceInvalid(f"It is not valid YAML{where}: {reason}.") from None
    _check_bounds(builder.root)
    return builder.root[0] if builder.root else None


class _Builder:
    """Builds data from the events of one YAML document."""

    def __init__(self) -> None:
        self.root: list[Any] = []
        self._open: list[list[Any] | dict[str, Any]] = [self.root]
        self._keys: list[str | None] = [None]
        self._anchors: dict[str, Any] = {}
        self._values = 0

    def take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._begin({}, event.anchor)
            case yaml.SequenceStartEvent():
                self._begin([], event.anchor)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent() if self.root:
                raise SourceInvalid("It holds several YAML documents (---). Paste one.")

    def _awaits_key(self) -> bool:
        return isinstance(self._open[-1], dict) and self._keys[-1] is None

    def _scalar(self, event: Any) -> None:
        plain = event.implicit[0] and not event.style
        value = _plain_scalar(event.value) if plain else event.value
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        if self._awaits_key():
            self._keys[-1] = event.value
        else:
            self._put(value)

    def _alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            raise SourceInvalid(f"The alias in line {line} has no anchor before it.")
        value = self._anchors[event.anchor]
        if any(value is container for container in self._open):
            raise SourceInvalid(f"The alias in line {line} stands inside what it names.")
        if self._awaits_key():
            raise SourceInvalid(f"The alias in line {line} stands for a key, which is not read.")
        self._put(value)

    def _begin(self, container: list[Any] | dict[str, Any], anchor: str | None) -> None:
        if self._awaits_key():
            raise SourceInvalid("It has a list or mapping for a key, which JSON cannot say.")
        if anchor is not None:
            self._anchors[anchor] = container
        self._put(container)
        self._open.append(container)
        self._keys.append(None)
        if len(self._open) > MAX_LEVELS + 1:
            raise SourceInvalid(_TOO_DEEP)

    def _end(self) -> None:
        container = self._open.pop()
        self._keys.pop()
        if isinstance(container, dict) and _MERGE in container:
            merged = container.pop(_MERGE)
            for source in merged if isinstance(merged, list) else [merged]:
                if isinstance(source, dict):
                    self._count(len(source))
                    for key, value in source.items():
                        container.setdefault(key, value)

    def _put(self, value: Any) -> None:
        self._count(1)
        container, key = self._open[-1], self._keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is not None:
            container[key] = value
            self._keys[-1] = None

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            raise SourceInvalid(_TOO_MANY)


def _plain_scalar(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) < 400 and _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
