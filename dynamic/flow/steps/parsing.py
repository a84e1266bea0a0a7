"""Read a list of steps, of whatever kinds, noting every problem."""

from typing import Any

from dynamic.flow.checking import Checking
from dynamic.flow.hints import hint
from dynamic.flow.problems import Path
from dynamic.flow.state import Step
from dynamic.flow.steps.asides import Log, Notify, Sleep
from dynamic.flow.steps.branches import If, Try
from dynamic.flow.steps.call import Call
from dynamic.flow.steps.endings import Fail, Return
from dynamic.flow.steps.loops import Break, Continue, For
from dynamic.flow.steps.mapping import Map
from dynamic.flow.steps.snippets import Run
from dynamic.flow.steps.variables import Set

MAX_STEPS = 500  # of a flow, with all that are inside others
MAX_NESTING = 10

Kind = type[
    Call | Run | Set | Map | If | Try | For | Break | Continue
    | Log | Notify | Sleep | Return | Fail
]  # fmt: skip

KINDS: dict[str, Kind] = {
    kind.kind: kind
    for kind in (Call, Run, Set, Map, If, For, Break, Continue, Try,
                 Log, Notify, Sleep, Return, Fail)
}  # fmt: skip
_ENDS = (Return, Fail, Break, Continue)


def parse_steps(value: Any, path: Path, checking: Checking) -> tuple[Step, ...]:
    """Give the steps; what cannot be read is left out, and so is what is disabled."""
    if not isinstance(value, list) or not value:
        checking.problem(path, f"{path[-1]} must be a list with at least one step.")
        return ()
    checking.count += len(value)
    if checking.count > MAX_STEPS:
        checking.problem(path, f"A flow has at most {MAX_STEPS} steps; here are {checking.count}.")
        return ()
    if checking.nesting > MAX_NESTING:
        checking.problem(path, f"Steps stand at most {MAX_NESTING} deep inside each other.")
        return ()
    steps: list[Step] = []
    for index, item in enumerate(value):
        here = (*path, index)
        if _is_disabled(item, here, checking):
            continue
        if steps and isinstance(steps[-1], _ENDS):
            what = "the flow" if isinstance(steps[-1], (Return, Fail)) else "this item"
            checking.problem(here, f"This step is unreachable: {steps[-1].kind} ends {what}.")
        step = _parse_step(item, here, checking)
        if step is not None:
            steps.append(step)
    return tuple(steps)


def _parse_step(value: Any, path: Path, checking: Checking) -> Step | None:
    step = checking.mapping(value, path, "A step")
    kinds = [key for key in step if key in KINDS]
    if len(kinds) == 1:
        kind = KINDS[kinds[0]]
        checking.known_keys(step, path, kind.keys | {"disabled"})
        return kind.parse(step, path, checking)
    known = ", ".join(sorted(KINDS))
    if kinds:
        checking.problem(path, f"A step is of one kind; this one is {' and '.join(kinds)}.")
    elif step:
        word = next(iter(step))
        checking.problem((*path, word), f"{word} is not a kind of step.{hint(word, KINDS)}")
    elif value == {}:
        checking.problem(path, f"A step needs a kind: one of {known}.")
    return None


def _is_disabled(step: Any, path: Path, checking: Checking) -> bool:
    """Whether the step says `disabled: true`: it may be half-written, so it is not looked at."""
    disabled = step.get("disabled", False) if isinstance(step, dict) else False
    if not isinstance(disabled, bool):
        checking.problem((*path, "disabled"), "disabled is true or false.")
    return disabled is True
