"""Suggestions for a word that is not known, or that another language has."""

import difflib
import re
from collections.abc import Iterable

# What other languages have, as JSONata writes it.
_JSONATAS = {
    "==": "=",
    "===": "=",
    "!==": "!=",
    "<>": "!=",
    "eq": "=",
    "ne": "!=",
    "is": "=",
    "&&": "and",
    "AND": "and",
    "||": "or",
    "OR": "or",
    "!": "$not(…)",
    "not": "$not(…)",
    "NOT": "$not(…)",
    "=>": "function($item) { … }",
    "?.": ".",
}
_FOREIGN = re.compile(r"===?|!==|&&|\|\||<>|=>|\?\.|!(?!=)|\b(?:not|NOT|is|eq|ne|AND|OR)\b")
_ONE_WORD = re.compile(r"\s*[\w$`]*\s*")


def hint(word: str, known: Iterable[str]) -> str:
    """Suggest the closest known word, or list them all when they are few."""
    words = sorted(known)
    if close := closest(word, words):
        return close
    return f" Known here: {', '.join(words)}." if 0 < len(words) <= 20 else ""


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Suggest the closest known word, if there is one as like as that (1 is the same)."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=likeness)
    return f" Did you mean {close[0]}?" if close else ""


def beginning(word: str, known: Iterable[str]) -> str:
    """Suggest a known word that begins so, as $uppercase for $upper, or is written otherwise."""
    if len(word) < 4:
        return ""
    begin = sorted(each for each in known if each.lower().startswith(word.lower()))
    return f" Did you mean {min(begin, key=len)}?" if begin else ""


def foreign(text: str, column: int | None) -> str:
    """Suggest what JSONata has for an operator of another language, where a parser stopped at it,
    or at the word after it; `column` is that of the last character that was read, from 1. The
    parser stops without a place at what it knows no operator for: at “!”, of all these.
    """
    if column is None:
        column = text.find("!") + 1
    for match in _FOREIGN.finditer(text):
        if match.start() < column and _ONE_WORD.fullmatch(
            text, match.end(), max(column, match.end())
        ):
            return f" JSONata has “{_JSONATAS[match[0]]}” for “{match[0]}”."
    return ""
