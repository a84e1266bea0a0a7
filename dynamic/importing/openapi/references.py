"""`$ref` within one document: RFC 6901 pointers, followed a few steps and never fetched."""

from typing import Any
from urllib.parse import unquote

from dynamic.importing.shapes import as_line, as_mapping

MOST_STEPS = 20
LONGEST_POINTER = 1000


class References:
    """Follows references, and remembers those it could not follow until they are told."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._found: dict[str, Any] = {}
        self._unfollowed: list[str] = []

    def resolve(self, value: Any) -> dict[str, Any]:
        """Give the mapping that a value is or refers to; an empty one when there is none."""
        for _ in range(MOST_STEPS):
            mapping = as_mapping(value)
            reference = mapping.get("$ref")
            if not isinstance(reference, str):
                return mapping
            if not reference.startswith("#"):
                self._miss(f"{as_line(reference, 80)} is elsewhere, and was not fetched.")
                return {}
            value = self._at(reference)
        self._miss("A reference ($ref) leads in a circle, and was not followed.")
        return {}

    def unfollowed(self) -> list[str]:
        """Give, and forget, a sentence for each reference that could not be followed."""
        sentences, self._unfollowed = self._unfollowed, []
        return sentences

    def _at(self, reference: str) -> Any:
        if reference not in self._found:
            found = _pointed(self._document, reference)
            self._found[reference] = found
        if self._found[reference] is None:
            self._miss(f"The document has no {as_line(reference, 80)}.")
        return self._found[reference]

    def _miss(self, sentence: str) -> None:
        if sentence not in self._unfollowed and len(self._unfollowed) < 5:
            self._unfollowed.append(sentence)


def _pointed(document: Any, reference: str) -> Any:
    if len(reference) > LONGEST_POINTER:
        return None
    found = document
    for part in reference[1:].lstrip("/").split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and len(name) < 7:
            found = found[int(name)] if int(name) < len(found) else None
        else:
            return None
    return found
