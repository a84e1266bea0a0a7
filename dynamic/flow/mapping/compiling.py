"""A mapping as one JSONata expression, laid out for people to read and to go on with.

Modifiers that change values and follow each other become one function, which is made for the value
or for each item of a list: so 10,000 fields take some 30 ms.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from dynamic.flow.mapping.literals import literal
from dynamic.flow.mapping.modifiers import MODIFIERS, Kind
from dynamic.flow.mapping.paths import to_jsonata as path_text
from dynamic.flow.mapping.table import Reader, Row
from dynamic.flow.mapping.uses import Use
from dynamic.flow.mapping.written_values import TEXT, whole_expression

# Nothing and null stay what they are. None has the name of a function of JSONata's or of ours.
_FUNCTIONS = {
    "$over": 'function($value, $change) { $value != null ? ($type($value) = "array" '
    "? [$map($value, function($v) { $v != null ? $change($v) : $v })] "
    ": $change($value)) : $value }",
    "$given": "function($value, $change) { $value != null ? $change($value) : $value }",
    "$else": "function($value, $other) { $value != null ? $value : $other }",
    "$filled": "function($object) { $object != {} ? $object }",
    TEXT: 'function($value) { $value != null ? $string($value) : "" }',
}
_PLACE = re.compile(r"<(\w+)>")
_CONVERTED = {"text": "$string(<v>)", "number": "$number(<v>)"}
_VALUE = "$v"

Tree = dict[str, "Row | Tree"]


def to_jsonata(source: str, rows: tuple[Row, ...]) -> str:
    """One expression for what a table makes of `source`, which is itself an expression's text."""
    return _Writing().whole(source, rows)


def as_expression(step: dict[str, Any]) -> str:
    """The `{{ … }}` of a `map` step. Raises ValueError with the first problem of the step."""
    problems: list[str] = []
    rows = Reader(lambda path, message: problems.append(message)).rows(step.get("fields"), ())
    if problems:
        raise ValueError(problems[0])
    return f"{{{{ {to_jsonata(whole_expression(step.get('from')), rows)} }}}}"


def as_set(step: dict[str, Any]) -> dict[str, Any]:
    """The `set` step that does what a `map` step does. Raises as `as_expression` does."""
    kept = {key: value for key, value in step.items() if key not in ("map", "from", "fields")}
    return {"set": {step["map"]: as_expression(step)}} | kept


@dataclass(slots=True)
class _Writing:
    """One expression being written, and the definitions that it needs in front."""

    used: set[str] = field(default_factory=set)
    tables: dict[str, str] = field(default_factory=dict)  # literals to look up in, by literal

    def whole(self, source: str, rows: tuple[Row, ...]) -> str:
        body = self._over(source, rows, "  ")
        self.used.update({TEXT} if f"{TEXT}(" in body else ())
        functions = [f"{name} := {text};" for name, text in _FUNCTIONS.items() if name in self.used]
        tables = [f"{name} := {text};" for text, name in self.tables.items()]
        return "\n".join(("(", *(f"  {line}" for line in (*functions, *tables, body)), ")"))

    def _over(self, source: str, rows: tuple[Row, ...], margin: str) -> str:
        made = self._object(_tree(rows), f"{margin}  ")
        change = f"function($item) {{\n{margin}  {made}\n{margin}}}"
        return self._call("$over", source, change)

    def _object(self, tree: Tree, margin: str) -> str:
        members = [
            f"{margin}  {literal(name)}: {self._member(member, f'{margin}  ')}"
            for name, member in tree.items()
        ]
        return "\n".join(("{", ",\n".join(members), f"{margin}}}"))

    def _member(self, member: "Row | Tree", margin: str) -> str:
        if isinstance(member, dict):
            return self._call("$filled", self._object(member, margin))
        text = member.source
        if not isinstance(text, str):
            text = path_text("$item", text)
        for run in _runs(member.uses):
            text = self._used(run, text)
        if member.rows is not None:
            text = self._over(text, member.rows, margin)
        return self._call("$else", text, member.default) if member.default else text

    def _used(self, run: tuple[Use, ...], text: str) -> str:
        if run[0].modifier is MODIFIERS["default"]:  # the one that is given nothing, too
            return self._call("$else", text, run[0].arguments["value"])
        inner = _VALUE
        known: Kind = ""
        for use in run:
            inner = self._filled_in(use, inner, known)
            known = use.modifier.gives
        function = "$given" if run[0].modifier.of_lists else "$over"
        return self._call(function, text, f"function({_VALUE}) {{ {inner} }}")

    def _filled_in(self, use: Use, value: str, known: Kind) -> str:
        takes = use.modifier.takes
        if takes and takes != known:
            value = _CONVERTED[takes].replace("<v>", value)
        arguments = {name: self._argument(use, name) for name in use.arguments}
        # In one pass: what stands in an argument is no place.
        return _PLACE.sub(lambda place: (arguments | {"v": value})[place[1]], use.modifier.template)

    def _argument(self, use: Use, name: str) -> str:
        text = use.arguments[name]
        if name != "table":
            return text
        return self.tables.setdefault(text, f"$table{len(self.tables) + 1}")

    def _call(self, function: str, *arguments: str) -> str:
        self.used.add(function)
        return f"{function}({', '.join(arguments)})"


def _tree(rows: Iterable[Row]) -> Tree:
    tree: Tree = {}
    for row in rows:
        at = tree
        for name in row.target[:-1]:
            inner = at.setdefault(name, {})
            if not isinstance(inner, dict):
                raise AssertionError("no target is inside another one's value")
            at = inner
        at[row.target[-1]] = row
    return tree


def _runs(uses: tuple[Use, ...]) -> list[tuple[Use, ...]]:
    """The modifiers in groups that one function can do: none is given nothing by another one."""
    number, numbered = 0, []
    for use in uses:
        number += use.modifier.of_lists
        numbered.append((number, use))
        number += use.modifier.of_lists or use.modifier.may_miss
    return [tuple(use for _, use in group) for _, group in groupby(numbered, lambda pair: pair[0])]
