"""Suggestions for a word that is not known."""

import difflib
from collections.abc import Iterable


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
