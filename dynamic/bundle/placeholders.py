"""`${NAME}` in a bundle: what the environment gives, so that a bundle need hold no secret.

They stand in what a system says of itself, of its authentication and of its credentials, but not
in slugs and names of credentials, in API calls, flows and pipes, which are taken as they are. One
`$` more makes it a text: `$${NAME}` is read as `${NAME}`, `$$${NAME}` as `$${NAME}`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dynamic.flow.problems import Path

_PLACEHOLDER = re.compile(r"\$(\$*)(\{([A-Z][A-Z0-9_]*)\})")
_NOT_IN_NAME = re.compile(r"[^A-Z0-9]+")


def is_reserved(name: str) -> bool:
    """Integrator's own secrets are nothing that a bundle could send to a system."""
    return name.startswith("INTEGRATOR_") or name == "DATABASE_URL"


def names(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Each placeholder in the value, with its place."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from names(held, (*path, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from names(held, (*path, index))
    elif isinstance(value, str):
        yield from ((path, match[3]) for match in _PLACEHOLDER.finditer(value) if not match[1])


def filled(value: Any, environ: Mapping[str, str]) -> Any:
    """The value with its placeholders filled. Raises KeyError for one that is missing."""
    return _mapped(
        value,
        lambda match: match[1] + match[2] if match[1] else environ[match[3]],
    )


def escaped(value: Any) -> Any:
    """The value so written that `filled` gives it back."""
    return _mapped(value, lambda match: f"${match[0]}")


def _mapped(value: Any, replace: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(held, replace) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(held, replace) for held in value]
    return _PLACEHOLDER.sub(replace, value) if isinstance(value, str) else value


class Names:
    """Gives out names for placeholders, each of them once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def new(self, *parts: str) -> str:
        """Such as SHOP_DEFAULT_SECRET for shop, default, secret."""
        words = [_NOT_IN_NAME.sub("_", part.upper()).strip("_") for part in parts]
        first = "_".join(filter(None, words))
        if not first[:1].isalpha() or is_reserved(first):
            first = f"SYSTEM_{first}"
        name, number = first, 1
        while name in self._given:
            number += 1
            name = f"{first}_{number}"
        self._given.add(name)
        return name
