"""`set`: variables."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dynamic.flow.checking import Checking
from dynamic.flow.document import format_path
from dynamic.flow.expressions import MISSING, Template
from dynamic.flow.problems import Path
from dynamic.flow.state import Ending, Entry, State


@dataclass(frozen=True, slots=True)
class Set:
    """`set: {name: value, …}`: variables, each seeing those before it."""

    kind: ClassVar[str] = "set"
    keys: ClassVar[frozenset[str]] = frozenset({"set"})
    label: str
    variables: tuple[tuple[str, Template], ...]

    @classmethod
    def parse(cls, step: dict[str, Any], path: Path, checking: Checking) -> Self:
        here = (*path, "set")
        values = checking.mapping(step["set"], here, "What set holds")
        variables = []
        for name, value in values.items():
            checking.variable(name, (*here, name), "A variable")
            variables.append((name, checking.template(value, (*here, name))))
            checking.names.variable(name, path)
        return cls(format_path(path), tuple(variables))

    async def run(self, state: State, entry: Entry) -> Ending | None:
        done: dict[str, Any] = {}
        entry["value"] = done
        for name, template in self.variables:
            value = await state.value(template)
            if value is MISSING:
                state.undefine(name)
            else:
                state.define(name, value)
                done[name] = value
        return None
