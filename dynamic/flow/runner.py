"""Run a program once, under one deadline."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any

from dynamic.flow.exchange import Send
from dynamic.flow.isolation.validation import problems_of
from dynamic.flow.outcome import Outcome, Status
from dynamic.flow.problems import StepFailed
from dynamic.flow.program import Program
from dynamic.flow.schema import InputSchema
from dynamic.flow.state import Apis, DeadlinePassed, Flows, Hooks, State

__all__ = ["Hooks", "Input", "Outcome", "Status", "run"]

_NONE = Hooks()


@dataclass(frozen=True, slots=True)
class Input:
    """What the caller sent, as plain JSON data; on GET the payload is the query."""

    payload: Any
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"


async def run(
    program: Program,
    apis: Apis,
    input: Input,
    send: Send,
    deadline: float,
    flows: Flows | None = None,
    hooks: Hooks = _NONE,
) -> Outcome:
    """Run a program; `deadline` is a time of the running loop, `flows` are those that it runs.

    Where the caller was answered before the last step, the outcome holds that answer, and the
    status and message tell how it went on. Raises nothing that a flow, an input or an upstream can
    cause. Cancellation, an observer's Halt and defects of our own code pass through.
    """
    if program.schema and (refused := await _refused(program.schema, input.payload)):
        return refused
    scope = {
        "payload": input.payload,
        "query": input.query,
        "headers": input.headers,
        "method": input.method,
        "steps": {},
    }
    started = time.perf_counter()
    state = State(scope, apis, flows or {}, send, deadline, started, hooks)
    if hooks.trace is not None:
        state.trace = hooks.trace
    outcome = await _outcome(program, state)
    if answered := state.tally.answered:
        outcome = _with_answer(outcome, answered)
    return replace(outcome, trace=state.trace)


async def _refused(schema: InputSchema, payload: Any) -> Outcome | None:
    """How a run ends whose input is not what its flow expects."""
    try:
        problems = await problems_of(schema, payload)
    except StepFailed as error:
        return Outcome(Status.FLOW_ERROR, message=str(error))
    if not problems:
        return None
    message = "The input does not match what the flow expects."
    return Outcome(Status.INVALID_INPUT, message=message, problems=problems)


def _with_answer(outcome: Outcome, answered: Outcome) -> Outcome:
    """What was answered, and how the steps after it ended."""
    message = f"After the answer: {outcome.message}" if outcome.message else ""
    return replace(
        answered, status=outcome.status, message=message, step=outcome.step, data=outcome.data
    )


async def _outcome(program: Program, state: State) -> Outcome:
    timer = asyncio.timeout_at(state.deadline)
    try:
        async with timer:
            outcome = await state.run(program.steps)
    except DeadlinePassed:
        return _timed_out()
    except TimeoutError:
        if not timer.expired():
            raise  # not our deadline: a defect of whoever let it escape
        return _timed_out()
    except StepFailed as error:
        return Outcome(Status.FLOW_ERROR, message=str(error))
    if not isinstance(outcome, Outcome):  # `break` and `continue` do not leave their loop
        return Outcome(Status.SUCCESS, http_status=204)
    return outcome


def _timed_out() -> Outcome:
    return Outcome(Status.TIMED_OUT, message="The run did not end before its deadline.")
