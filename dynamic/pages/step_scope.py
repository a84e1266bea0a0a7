"""What the expressions of a step can see, with a sample of each value as far as one is known.

Samples come from the input schema and from the sample responses of the API calls; what a flow makes
of them is found by evaluating its own expressions on these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.expressions import MISSING, compile_template
from dynamic.flow.mapping.compiling import as_expression
from dynamic.flow.problems import ExpressionInvalid, Path, StepFailed
from dynamic.importing.openapi.references import References
from dynamic.importing.openapi.schema_sample import Schemas
from dynamic.importing.samples import Allowance

MOST_EVALUATED = 50  # expressions: each may take its 50 ms

_ERROR = {"message": "text", "step": "text", "status": 422, "data": None}
_INNER = ("then", "else", "do", "try", "catch")


@dataclass(slots=True)
class Scope:
    """`answers` are those of calls and runs; `variables` all other names, newest last."""

    payload: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def names(self) -> dict[str, Any]:
        """As expressions see it."""
        call = {"payload": self.payload, "query": {}, "headers": {}, "method": "POST"}
        return call | self.variables | {"steps": self.answers}


def scope_at(flow: Any, steps: Path, index: int, responses: Mapping[str, Any]) -> Scope:
    """What a step sees that stands at this index of this list of steps.

    `responses` are the sample responses of API calls, by `system/call`.
    """
    walk = _Walk(responses)
    if isinstance(flow, dict):
        walk.scope.payload = sample_payload(flow.get("input"))
    walk.to(flow, (*steps, index))
    return walk.scope


def sample_payload(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return None
    return Schemas(References(schema), Allowance()).sample(schema)


class _Walk:
    """Goes over the steps before a place, in the order in which they are run."""

    def __init__(self, responses: Mapping[str, Any]) -> None:
        self.scope = Scope()
        self._responses = responses
        self._left = MOST_EVALUATED

    def to(self, container: Any, place: Path) -> None:
        """`place` is of a step, its list being in this container."""
        for depth, part in enumerate(place):
            if isinstance(part, int) and isinstance(container, list):
                is_steps = depth == 1 or place[depth - 1] in _INNER
                self._before(container[:part] if is_steps else [])
            if isinstance(container, dict) and depth > 1:
                self._into(container, part)
            try:
                container = container[part]
            except (KeyError, IndexError, TypeError):
                return

    def _before(self, steps: list[Any]) -> None:
        for step in steps:
            if isinstance(step, dict) and step.get("disabled") is not True:
                self._after(step)

    def _into(self, step: dict[str, Any], branch: Any) -> None:
        """What a step gives to the steps inside it."""
        if "for" in step and branch == "do":
            self._name(step["for"], self._item(step))
        elif "try" in step and branch == "catch":
            self._lists(step.get("try"))
            self._name(step.get("as", "error"), _ERROR)

    def _after(self, step: dict[str, Any]) -> None:
        """What a step leaves to those that come after it."""
        if "set" in step and isinstance(step["set"], dict):
            for name, value in step["set"].items():
                self._name(name, self._value(value))
        elif "call" in step:
            self._answer(step["call"], self._responses.get(str(step.get("api"))))
        elif "run" in step:
            self._answer(step["run"], None)
        elif "map" in step:
            self._name(step["map"], self._mapped(step))
        elif "for" in step:
            self._after_loop(step)
        else:
            for branch in step.get("elif") or []:
                self._lists(branch.get("then") if isinstance(branch, dict) else None)
            self._lists(*(step.get(key) for key in _INNER if key in step))

    def _mapped(self, step: dict[str, Any]) -> Any:
        try:
            return self._value(as_expression(step))
        except ValueError:
            return None

    def _after_loop(self, step: dict[str, Any]) -> None:
        name = step["for"]
        outside = self.scope.variables.get(name, MISSING)
        self._name(name, self._item(step))
        self._lists(step.get("do"))
        kept = self._value(step.get("collect"))
        self.scope.variables.pop(name, None)
        if outside is not MISSING:
            self._name(name, outside)
        if "as" in step:
            self._name(step["as"], [kept])

    def _lists(self, *lists: Any) -> None:
        for steps in lists:
            self._before(steps if isinstance(steps, list) else [])

    def _item(self, step: dict[str, Any]) -> Any:
        items = self._value(step.get("in"))
        return items[0] if isinstance(items, list) and items else items

    def _name(self, name: Any, value: Any) -> None:
        if isinstance(name, str) and name:
            self.scope.variables.pop(name, None)
            self.scope.variables[name] = value

    def _answer(self, name: Any, data: Any) -> None:
        if isinstance(name, str) and name:
            answer = {"data": data, "status": True, "status_code": 200, "headers": {}, "ms": 12.5}
            self.scope.answers[name] = answer

    def _value(self, value: Any) -> Any:
        """What a value gives for the samples; None where that is not known."""
        if not isinstance(value, str | dict | list) or "{{" not in str(value):
            return value
        self._left -= 1
        if self._left < 0:
            return None
        try:
            found = compile_template(value).evaluate(self.scope.names())
        except (ExpressionInvalid, StepFailed):
            return None
        return None if found is MISSING else found
