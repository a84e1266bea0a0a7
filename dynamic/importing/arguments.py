"""The `{{ name }}` of a proposed call: names that expressions can say, and their samples."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST = 50
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_]+")
_KEYWORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


@dataclass(frozen=True, slots=True)
class Argument:
    """A place in a text that takes an argument's value."""

    name: str

    def __str__(self) -> str:
        return f"{{{{ {self.name} }}}}"


class Arguments:
    """The arguments of one call. The same source name gives the same argument."""

    def __init__(self) -> None:
        self.samples: dict[str, Any] = {}
        self._by_source: dict[tuple[str, str], Argument] = {}
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, source: str, place: str = "", sample: Any = None) -> Argument:
        """Give the argument for a name of the source: `order-id` becomes `order_id`.

        The same name in another `place` is another argument: an id in the path need not be the
        id in the body. A sample of None is none.
        """
        argument = self._by_source.get((place, source))
        if argument is None:
            argument = Argument(self._free(_plain(source), _plain(place)))
            self._by_source[place, source] = argument
            self._taken.add(argument.name)
        if sample is not None:
            self.samples.setdefault(argument.name, sample)
        return argument

    def _free(self, name: str, place: str) -> str:
        if name not in self._taken:
            return name
        stem = f"{place}_{name}"
        found = stem
        while found in self._taken:
            number = self._next.get(stem, 2)
            self._next[stem] = number + 1
            found = f"{stem}_{number}"
        return found


def _plain(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    name = _NOT_IN_NAME.sub("_", ascii_text)[:_LONGEST].rstrip("_")
    if not ascii_text.startswith("_"):
        name = name.lstrip("_")
    if not name:
        return "value"
    return f"_{name}" if name[0].isdigit() else f"{name}_" if name in _KEYWORDS else name


def literal(text: str) -> str:
    """Write a text so that no part of it is read as an expression (see dynamic.flow.scanner)."""
    return text.replace("{{", '{{ "{{" }}')


def literals(value: Any) -> Any:
    """Do so with every string in a JSON value; the keys of objects are literal anyway."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, dict):
        return {key: literals(item) for key, item in value.items()}
    return [literals(item) for item in value] if isinstance(value, list) else value


def written(pieces: Sequence[str | Argument]) -> str:
    """Join literal pieces and arguments to one text.

    A single brace before an argument would begin its `{{` one character too early.
    """
    text = ""
    for index, piece in enumerate(pieces):
        if isinstance(piece, Argument):
            text += str(piece)
            continue
        plain = literal(piece)
        followed = index + 1 < len(pieces) and isinstance(pieces[index + 1], Argument)
        text += plain[:-1] + '{{ "{" }}' if followed and plain.endswith("{") else plain
    return text
