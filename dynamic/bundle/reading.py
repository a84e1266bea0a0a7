"""One part of a bundle that is being read, and its place in the text."""

from dataclasses import dataclass
from typing import Any

from dynamic.flow.document import Document
from dynamic.flow.problems import DocumentInvalid, Path


@dataclass(frozen=True, slots=True)
class Item:
    """An object of a bundle. Its methods raise DocumentInvalid, with the place."""

    document: Document
    path: Path
    data: dict[str, Any]

    def only(self, *known: str) -> None:
        for name in self.data.keys() - set(known):
            listed = ", ".join(sorted(known))
            raise self.wrong(f"“{name}” is not known here; known are {listed}.", name)

    def items(self, name: str, *, identity: str) -> list["Item"]:
        """The objects of a list. No two may have the same `identity`, the name of a text."""
        found = self.data.get(name) or []
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise self.wrong("Write a list of objects, each beginning with “- ”.", name)
        items = [
            Item(self.document, (*self.path, name, index), item) for index, item in enumerate(found)
        ]
        seen = set()
        for item in items:
            called = repr(item.data.get(identity))
            if called in seen:
                raise item.wrong(f"{called} is here twice.", identity)
            seen.add(called)
        return items

    def part(self, name: str, otherwise: dict[str, Any]) -> "Item":
        """An object below this one."""
        data = self.data.get(name) or otherwise
        if not isinstance(data, dict):
            raise self.wrong("Write an object.", name)
        return Item(self.document, (*self.path, name), data)

    def text(self, name: str, otherwise: str = "") -> str:
        value = self.data.get(name, otherwise)
        if not isinstance(value, str):
            raise self.wrong("Write a text, in quotes where it looks like anything else.", name)
        return value

    def flag(self, name: str, *, otherwise: bool) -> bool:
        value = self.data.get(name, otherwise)
        if not isinstance(value, bool):
            raise self.wrong("Write true or false.", name)
        return value

    def wrong(self, message: str, *below: str | int) -> DocumentInvalid:
        return DocumentInvalid([self.document.problem((*self.path, *below), message)])
