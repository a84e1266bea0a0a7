"""Fill the placeholders of a bundle that is being imported."""

from collections.abc import Iterator, Mapping
from typing import Any

from dynamic.bundle import placeholders
from dynamic.bundle.reading import Item
from dynamic.flow.problems import DocumentInvalid, Path

# Identities are never filled in, and neither is what has expressions of its own.
_AS_IT_IS = {"slug", "calls", "credentials", "archived"}


class Filler:
    """With `lacking`, as in a dry run, names that the environment does not have are only noted."""

    def __init__(self, environ: Mapping[str, str], *, lacking: bool) -> None:
        self._environ = environ
        self._lacking = lacking
        self.missing: list[str] = []

    def check(self, systems: list[Item]) -> None:
        """Raises DocumentInvalid with every placeholder that cannot be filled, and its place."""
        problems = []
        for item, path, name in _placeholders(systems):
            if placeholders.is_reserved(name):
                message = f"{name} is Integrator's own, and not for a bundle."
            elif name in self._environ:
                continue
            elif self._lacking:
                self.missing = sorted({*self.missing, name})
                continue
            else:
                message = f"The environment has no {name}; set it and try again."
            problems.append(item.document.problem(path, message))
        if problems:
            raise DocumentInvalid(problems)

    def lacks(self, value: Any) -> bool:
        return any(name in self.missing for _, name in placeholders.names(value, ()))

    def fill(self, value: Any, name: str = "") -> Any:
        """The value of the field of this name; something that may stand there where it lacks."""
        if isinstance(value, dict):
            return {key: self.fill(held, key) for key, held in value.items()}
        if isinstance(value, list):
            return [self.fill(held, name) for held in value]
        if self.lacks(value):
            # Also a number of seconds and a status.
            return "https://example.com" if name.endswith("url") else "200"
        return placeholders.filled(value, self._environ)


def _placeholders(systems: list[Item]) -> Iterator[tuple[Item, Path, str]]:
    for system in systems:
        own = {name: value for name, value in system.data.items() if name not in _AS_IT_IS}
        yield from ((system, *found) for found in placeholders.names(own, system.path))
        for credential in system.items("credentials", identity="name"):
            own = {name: value for name, value in credential.data.items() if name != "name"}
            yield from ((credential, *found) for found in placeholders.names(own, credential.path))
