"""What the steps see, name by name: `payload`, a variable, `steps.<name>` for what a call answered.

A scope is replaced, never changed, so what is new in one is told by identity.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Scope = dict[str, Any]

_STEPS = "steps."


def by_name(scope: Scope) -> Scope:
    """Every value in sight under one name."""
    answers = {f"{_STEPS}{name}": value for name, value in scope["steps"].items()}
    return {name: value for name, value in scope.items() if name != "steps"} | answers


def changes(before: Scope, after: Scope) -> tuple[Scope, list[str]]:
    """What was set between two scopes, and the names that are gone."""
    old, new = by_name(before), by_name(after)
    changed = {name: value for name, value in new.items() if old.get(name, old) is not value}
    return changed, [name for name in old if name not in new]


def changed(scope: Scope, values: Mapping[str, Any], gone: Iterable[str] = ()) -> Scope:
    """The scope with these values in it, and without the names that are gone."""
    without = set(gone)
    new = {name: value for name, value in scope.items() if name not in without}
    answers = dict(scope["steps"])
    for name, value in values.items():
        if name.startswith(_STEPS):
            answers[name.removeprefix(_STEPS)] = value
        else:
            new[name] = value
    kept = {name: value for name, value in answers.items() if f"{_STEPS}{name}" not in without}
    return new | {"steps": kept}
