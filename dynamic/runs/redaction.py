"""Take secrets out of what a run keeps: by value, by name and by shape.

By value: the caller's own credential and every text form of the systems' credentials. By name:
what a header or field of that name holds is nobody's business. By shape: anything that looks
like a token of ours, wherever it came from.
"""

import re
from collections.abc import Iterable
from typing import Any

from apikeys.scrub import MASK, scrub

_NAMES = re.compile(
    r"authorization|cookie|passw(?:or)?d|passphrase|secret|api[-_]?key|private[-_]?key"
    r"|(?:access|refresh|id|auth|bearer|jwt|csrf|session)[-_]?token|^token$|^jwt$|credential",
    re.IGNORECASE,
)
LONGEST_TEXT = 64 * 1024  # characters of one text
MOST_ITEMS = 1000  # items of one list
SHORTEST_SECRET = 4  # a shorter one would blot out half of every text


class Redactor:
    def __init__(self, secrets: Iterable[str]) -> None:
        longest_first = sorted(
            {text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len, reverse=True
        )
        self._values = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def clean(self, value: Any) -> Any:
        """A copy fit to be stored: JSON data, secrets masked, long texts and lists cut."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {
                self._text(name): MASK if held and _NAMES.search(name) else self.clean(held)
                for name, held in value.items()
            }
        if isinstance(value, (list, tuple)):
            kept = [self.clean(item) for item in value[:MOST_ITEMS]]
            if len(value) > MOST_ITEMS:
                kept.append(f"… and {len(value) - MOST_ITEMS} more")
            return kept
        return value

    def _text(self, text: str) -> str:
        # Secrets first: a cut could leave the better part of one behind.
        clean = scrub(self._values.sub(MASK, text))
        if len(clean) > LONGEST_TEXT:
            return f"{clean[:LONGEST_TEXT]}… and {len(clean) - LONGEST_TEXT} more characters"
        return clean
