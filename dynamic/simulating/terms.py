"""What a walk through a flow takes, and what it gives."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.exchange import Entry, Notify, Request, Send
from dynamic.flow.outcome import Outcome
from dynamic.flow.program import Program
from dynamic.flow.runner import Input
from dynamic.flow.state import Apis, Flows
from dynamic.simulating.documents import Documents
from dynamic.simulating.records import Record

Edits = Mapping[int, Mapping[str, Any]]  # by the step that they were made before, and the name


@dataclass(frozen=True, slots=True)
class Way:
    """What is done where a run reaches outside of itself; live, or with mocks."""

    send: Send
    notify: Notify
    sleep: Callable[[float], Awaitable[object]]
    is_mocked: bool
    given: Callable[[Request], None] = lambda _: None  # told of calls that are not made again


@dataclass(frozen=True, slots=True)
class Flow:
    """What is run."""

    program: Program
    apis: Apis
    flows: Flows
    input: Input
    documents: Documents


@dataclass(frozen=True, slots=True)
class Standing:
    """The step that a run stands before."""

    number: int  # from 0, in the order in which steps begin
    label: str
    kind: str
    scope: dict[str, Any]  # what it sees, as `scopes.by_name`
    obstacle: str = ""  # why it cannot be done as things are


@dataclass(slots=True)
class Past:
    """What has been done, before which step it stopped (None: nothing has begun), and edits."""

    records: list[Record] = field(default_factory=list)
    stood_at: int | None = None
    edits: Edits = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Walked:
    """How far it came: to a step, to the end, or nowhere, because it diverged from its past."""

    records: list[Record]
    trace: list[Entry]
    standing: Standing | None = None
    outcome: Outcome | None = None
    diverged: str = ""
