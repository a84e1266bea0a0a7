"""A run under way: what the steps see, and the trace they leave."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dynamic.flow.api_call import ApiCall
from dynamic.flow.exchange import Entry, Send
from dynamic.flow.outcome import Outcome
from dynamic.flow.problems import StepFailed

__all__ = ["Apis", "DeadlinePassed", "Entry", "State", "Step"]

Apis = Mapping[tuple[str, str], ApiCall]  # by the API call's name and the credential's


class DeadlinePassed(Exception):
    """The run's deadline passed while nothing was awaited, so no timer could end it."""


class Step(Protocol):
    """One step of a program; `label` and `kind` name it in the trace."""

    @property
    def kind(self) -> str: ...

    @property
    def label(self) -> str: ...

    async def run(self, state: "State", entry: Entry) -> Outcome | None:
        """Do the work and tell the trace entry about it; an outcome ends the flow.

        Raises StepFailed.
        """


@dataclass(slots=True)
class State:
    """`scope` is the JSON object that expressions see.

    It is replaced, never changed: what an expression took from it may live on in a variable,
    in the trace or in the answer.
    """

    scope: dict[str, Any]
    apis: Apis
    send: Send
    deadline: float  # in the time of the running loop
    started: float  # by time.perf_counter
    trace: list[Entry] = field(default_factory=list)

    def define(self, name: str, value: Any) -> None:
        self.scope = {**self.scope, name: value}

    def undefine(self, name: str) -> None:
        self.scope = {key: value for key, value in self.scope.items() if key != name}

    def answer(self, name: str, value: dict[str, Any]) -> None:
        """Keep what a call answered as `steps.<name>`."""
        self.define("steps", {**self.scope["steps"], name: value})

    async def run(self, steps: Sequence[Step]) -> Outcome | None:
        """Run steps in order until one ends the flow.

        Raises StepFailed, with the step's label in front, and DeadlinePassed.
        """
        for step in steps:
            if asyncio.get_running_loop().time() >= self.deadline:
                raise DeadlinePassed
            outcome = await self._run_one(step)
            if outcome is not None:
                return outcome
        return None

    async def _run_one(self, step: Step) -> Outcome | None:
        began = time.perf_counter()  # a loop's own clock may count whole milliseconds
        entry: Entry = {
            "step": step.label,
            "kind": step.kind,
            "at": _milliseconds(began - self.started),
        }
        self.trace.append(entry)
        try:
            return await step.run(self, entry)
        except asyncio.CancelledError:
            entry["error"] = "The run ended while this step was under way."
            raise
        except StepFailed as error:
            entry["error"] = str(error)
            raise StepFailed(f"{step.label}: {error}") from error
        finally:
            entry["ms"] = _milliseconds(time.perf_counter() - began)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
