"""Regular expressions that end in time.

Python's own `re` looks at no clock, and a pattern as plain as `(a+)+b` takes it years on thirty
characters that a caller sends. `regex` takes a timeout. Replacing and splitting are JSONata's
business, so they are written here, by https://docs.jsonata.org/string-functions.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import regex
from jsonata.jexception import JException
from jsonata.regex_engine import RegexFlags

from dynamic.flow.bounds import MAX_MATCHES
from dynamic.flow.engines.jsonata_python_clock import RUNNING, stop
from dynamic.flow.functions.arguments import MAX_CHARACTERS

_DOLLAR = re.compile(r"\$(\$|[0-9]+)")


def compile_pattern(pattern: str, flags: RegexFlags) -> "Pattern":
    """Compile a `/…/` of an expression with JavaScript's flags i and m."""
    ignoring = regex.IGNORECASE if flags.case_insensitive else 0
    return Pattern(regex.compile(pattern, ignoring | (regex.MULTILINE if flags.multiline else 0)))


class Pattern:
    """Has the methods that the engine knows a regular expression by."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def finditer(self, text: str) -> Iterator[Any]:
        matches = self._compiled.finditer(text, timeout=RUNNING.clock.left())
        try:
            for count, match in enumerate(matches, 1):
                RUNNING.clock.check()
                if count > MAX_MATCHES:
                    raise stop(f"A pattern finds more than {MAX_MATCHES} matches.")
                if not match.group():
                    raise JException("D1004", -1)
                yield match
        except TimeoutError:
            raise JException("D1012", -1, RUNNING.clock.bounds.milliseconds) from None

    def search(self, text: str) -> Any:
        return next(self.finditer(text), None)

    def split(self, text: str) -> list[str]:
        """The texts between the matches; groups are not among them."""
        pieces, end = [], 0
        for match in self.finditer(text):
            pieces.append(text[end : match.start()])
            end = match.end()
        return [*pieces, text[end:]]

    def sub(self, new: Callable[[Any], str], text: str, limit: float = MAX_MATCHES) -> str:
        """Put what `new` makes of a match in its place, for so many matches."""
        pieces: list[str] = []
        end = size = 0
        for done, match in enumerate(self.finditer(text) if limit >= 1 else (), 1):
            pieces += [text[end : match.start()], new(match)]
            end = match.end()
            size += len(pieces[-2]) + len(pieces[-1])
            if size > MAX_CHARACTERS:
                raise stop(f"$replace makes a text of more than {MAX_CHARACTERS} characters.")
            if done >= limit:
                break
        return "".join([*pieces, text[end:]])


def filled(new: str, match: Any) -> str:
    """Put the groups of a match into a text: $0 is the whole match, $1 a group, $$ one $.

    As many digits belong to the number as that of the groups has: where there is one group, $12 is
    the first and a 2. A group that is not there is nothing.
    """
    count = len(match.groups())
    width = len(str(max(count, 1)))

    def part(found: re.Match[str]) -> str:
        digits = found[1]
        if digits == "$":
            return "$"
        taken = "0" if digits[0] == "0" else digits[:width]
        if len(taken) > 1 and int(taken) > count:
            taken = taken[:-1]
        value = match.group(int(taken)) if int(taken) <= count else ""
        return (value or "") + digits[len(taken) :]

    return _DOLLAR.sub(part, new)
