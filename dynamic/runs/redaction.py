"""Take secrets out of what a run keeps: by value, by name and by shape.

By value: the caller's own credential and every text form of the systems' credentials. By name:
what a header or field of that name holds is nobody's business; owners add names. By shape:
anything that looks like a token of ours, wherever it came from.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from apikeys.scrub import MASK, scrub

_NAMES = re.compile(
    r"authorization|cookie|passw(?:or)?d|passphrase|secret|api[-_]?key|private[-_]?key"
    r"|(?:access|refresh|id|auth|bearer|jwt|csrf|session)[-_]?token|^token$|^jwt$|credential",
    re.IGNORECASE,
)
LONGEST_TEXT = 64 * 1024  # characters of one text
DEEPEST = 150  # levels of lists and objects; orjson writes 254, and a run adds some of its own
MOST_ITEMS = 1000  # items of one list
_LONGEST_KNOWN = 64  # characters of a name that is judged once and remembered
SHORTEST_SECRET = 4  # a shorter one would blot out half of every text


NO_NAMES: frozenset[str] = frozenset()


class Redactor:
    """`names`, in lower case, are secret besides those that look like it."""

    def __init__(self, secrets: Iterable[str], names: frozenset[str] = NO_NAMES) -> None:
        self._names = names
        longest_first = sorted(
            {text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len, reverse=True
        )
        self._values = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def clean(self, value: Any, levels: int = DEEPEST) -> Any:
        """A copy fit to be stored: JSON data, secrets masked, long texts and lists cut."""
        if isinstance(value, str):
            return self._text(value)
        if not isinstance(value, (dict, list, tuple)):
            return value
        if levels == 0:
            return "… and deeper"
        if isinstance(value, dict):
            return {
                self._text(name): (
                    MASK
                    if held and _is_secret_name(name, self._names)
                    else self.clean(held, levels - 1)
                )
                for name, held in value.items()
            }
        if _is_secret_pair(value, self._names):
            return [value[0], MASK]
        kept = [self.clean(item, levels - 1) for item in value[:MOST_ITEMS]]
        if len(value) > MOST_ITEMS:
            kept.append(f"… and {len(value) - MOST_ITEMS} more")
        return kept

    def _text(self, text: str) -> str:
        # Secrets first: a cut could leave the better part of one behind.
        clean = scrub(self._values.sub(MASK, text))
        if len(clean) > LONGEST_TEXT:
            return f"{clean[:LONGEST_TEXT]}… and {len(clean) - LONGEST_TEXT} more characters"
        return clean


def _is_secret_name(name: str, names: frozenset[str]) -> bool:
    if names and name.lower() in names:
        return True
    return _known(name) if len(name) <= _LONGEST_KNOWN else _judged(name)


def _judged(name: str) -> bool:
    return _NAMES.search(name) is not None


# Run after run has the same names, and the expression takes 2 us for each: half of all the work.
_known = lru_cache(maxsize=4096)(_judged)


def _is_secret_pair(value: Any, names: frozenset[str]) -> bool:
    """A header of a traced request: its headers are pairs, as a name may come twice."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(item, str) for item in value)
        and _is_secret_name(value[0], names)
    )


def secrets_by_name(
    value: Any, names: frozenset[str] = NO_NAMES, levels: int = DEEPEST
) -> Iterator[str]:
    """Every text held under a secret's name, in each spelling it may have elsewhere.

    A password in the input turns up again in a URL, or in a body that is one text.
    """
    if levels == 0:
        return
    if isinstance(value, dict):
        for name, held in value.items():
            if isinstance(held, (dict, list)):
                yield from secrets_by_name(held, names, levels - 1)
            elif _is_secret_name(name, names) and isinstance(held, (str, int, float)):
                yield from _spellings(str(held))
    elif _is_secret_pair(value, names):
        yield from _spellings(value[1])
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list)):
                yield from secrets_by_name(item, names, levels - 1)


def _spellings(text: str) -> set[str]:
    escaped = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return {text, quote(text, safe=""), quote(text), quote_plus(text)} | escaped
