"""A run under way: what the steps see, and the trace they leave."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol, TypeVar

from dynamic.flow.api_call import ApiCall
from dynamic.flow.exchange import Entry, Notify, Send
from dynamic.flow.expressions import Template
from dynamic.flow.isolation.pool import WAITING
from dynamic.flow.outcome import Outcome
from dynamic.flow.problems import StepFailed
from dynamic.flow.schema import InputSchema

__all__ = [
    "Apis",
    "DeadlinePassed",
    "Ending",
    "Entry",
    "Flows",
    "Halt",
    "Hooks",
    "Leave",
    "Observer",
    "State",
    "Step",
]

T = TypeVar("T")

_LONGEST_TURN = 0.005  # seconds

Apis = Mapping[tuple[str, str], ApiCall]  # by the API call's name and the credential's


class DeadlinePassed(Exception):
    """The run's deadline passed while nothing was awaited, so no timer could end it."""


class Halt(Exception):
    """An observer stops the run here: it leaves `run` as it is, and no `try` of a flow sees it."""


class Leave(Enum):
    """A step ends an item of the loop around it, and not the flow."""

    BREAK = "break"
    CONTINUE = "continue"


Ending = Outcome | Leave


class Runnable(Protocol):
    """Another flow, as far as a step that runs it needs it."""

    @property
    def schema(self) -> InputSchema | None: ...

    @property
    def steps(self) -> "tuple[Step, ...]": ...


Flows = Mapping[str, Runnable]  # by slug


class Step(Protocol):
    """One step of a program; `label` and `kind` name it in the trace."""

    @property
    def kind(self) -> str: ...

    @property
    def label(self) -> str: ...

    async def run(self, state: "State", entry: Entry) -> Ending | None:
        """Do the work and tell the trace entry about it; an ending ends the steps around it.

        Raises StepFailed.
        """


class Observer(Protocol):
    """Sees each step of a run. With one, the items of a loop are run one at a time, in order."""

    async def before(self, state: "State", step: Step, entry: Entry) -> None:
        """The step is about to run; `state.scope` may be replaced. Raises Halt to stop here."""

    def after(self, state: "State", step: Step, entry: Entry) -> None:
        """The step has ended, well or not."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What surrounds a run besides its calls; none of it has to be there."""

    notify: Notify | None = None  # without it a step that sends a mail fails
    answered: Callable[[Outcome], None] | None = None  # told of an answer that steps follow
    observer: Observer | None = None
    trace: list[Entry] | None = None  # where the steps are told, for who reads it as they go
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep  # seconds


@dataclass(slots=True)
class Tally:
    """What has happened so far, anywhere in a run."""

    mails: int = 0
    answered: Outcome | None = None  # what a `return` with steps after it gave the caller


@dataclass(slots=True)
class State:
    """`scope` is the JSON object that expressions see.

    It is replaced, never changed: what an expression took from it may live on in a variable,
    in the trace or in the answer.
    """

    scope: dict[str, Any]
    apis: Apis
    flows: "Flows"
    send: Send
    deadline: float  # in the time of the running loop
    started: float  # by time.perf_counter
    hooks: Hooks = field(default_factory=Hooks)
    tally: Tally = field(default_factory=Tally)
    is_main: bool = True  # and not a flow within another one
    trace: list[Entry] = field(default_factory=list)
    breathed: float = field(default_factory=time.perf_counter)  # when other tasks last had a turn

    def begin(self, payload: Any) -> "State":
        """The same run with nothing in sight but a payload, for another flow within this one."""
        scope = {"payload": payload, "query": {}, "headers": {}, "method": "POST", "steps": {}}
        return replace(self, scope=scope, trace=[], is_main=False)

    def fork(self) -> "State":
        """The same run with a scope and a trace of its own, for an item of a loop."""
        return replace(self, trace=[])

    def define(self, name: str, value: Any) -> None:
        self.scope = {**self.scope, name: value}

    def undefine(self, name: str) -> None:
        self.scope = {key: value for key, value in self.scope.items() if key != name}

    def answer(self, name: str, value: dict[str, Any]) -> None:
        """Keep what a call answered as `steps.<name>`."""
        self.define("steps", {**self.scope["steps"], name: value})

    async def value(self, template: Template) -> Any:
        """Evaluate in this run's scope. Other runs go on where that takes another process.

        Gives MISSING for nothing. Raises ExpressionFailed.
        """
        if template.waits:
            return await waited(template.evaluate, self.scope)
        return template.evaluate(self.scope)

    def answer_caller(self, outcome: Outcome) -> None:
        """Give the caller this answer now. Of several the first one counts."""
        if self.is_main and self.tally.answered is None:
            self.tally.answered = outcome
            if self.hooks.answered is not None:
                self.hooks.answered(outcome)

    async def run(self, steps: Sequence[Step]) -> Ending | None:
        """Run steps in order until one ends them.

        Raises StepFailed, with the step's label in front, and DeadlinePassed.
        """
        for step in steps:
            if asyncio.get_running_loop().time() >= self.deadline:
                raise DeadlinePassed
            ending = await self._run_one(step)
            if ending is not None:
                return ending
            await self._breathe()
        return None

    async def _breathe(self) -> None:
        """Let other tasks have a turn where steps that await nothing have taken a while."""
        if time.perf_counter() - self.breathed > _LONGEST_TURN:
            await asyncio.sleep(0)
            self.breathed = time.perf_counter()

    async def _run_one(self, step: Step) -> Ending | None:
        began = time.perf_counter()  # a loop's own clock may count whole milliseconds
        entry: Entry = {
            "step": step.label,
            "kind": step.kind,
            "at": _milliseconds(began - self.started),
        }
        self.trace.append(entry)
        observer = self.hooks.observer
        try:
            if observer is not None:
                await observer.before(self, step, entry)
            return await step.run(self, entry)
        except asyncio.CancelledError:
            entry["error"] = "The run ended while this step was under way."
            raise
        except StepFailed as error:
            entry["error"] = str(error)
            if error.step:  # of a step inside this one
                raise
            raise StepFailed(f"{step.label}: {error}", step=step.label) from error
        finally:
            entry["ms"] = _milliseconds(time.perf_counter() - began)
            if observer is not None:
                observer.after(self, step, entry)


async def waited(work: Callable[..., T], *given: Any) -> T:
    """Do on a thread what waits for another process."""
    return await asyncio.get_running_loop().run_in_executor(WAITING, work, *given)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
