"""Short names that are unique among their neighbours."""

import re
import unicodedata

MAX_SLUG = 50
_NOT_IN_SLUG = re.compile(r"[^a-z0-9_]+")
_WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Slugs:
    """Gives each text a slug that it has not given before."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def make(self, text: str) -> str:
        """Make one of at most 50 characters of [-a-z0-9_]: `listOrders` gives `list-orders`."""
        slug = stem = _stem(text)
        while slug in self._given:
            number = self._next.get(stem, 2)
            self._next[stem] = number + 1
            end = f"-{number}"
            slug = stem[: MAX_SLUG - len(end)] + end
        self._given.add(slug)
        return slug


def _stem(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    if " " not in plain.strip():  # an identifier; in prose a capital begins no new word
        plain = _WORD_BORDER.sub("-", plain)
    return _NOT_IN_SLUG.sub("-", plain.lower()).strip("-")[:MAX_SLUG].rstrip("-") or "call"
