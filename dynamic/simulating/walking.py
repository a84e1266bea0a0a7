"""Run a flow as far as wanted. What was done before is not done again: its records are given back.

The run begins at the first step each time. A step that is recorded is run too, but its call, mail
or sleep gives at once what it gave before; then its entry in the trace and the values that it set
are put in place of the new ones. So time and chance do not tell two runs of a simulation apart,
except where a condition, the list of a loop or what it collects asks for them.
"""

from dataclasses import dataclass

from dynamic.flow.exchange import Entry, Mail, NotSent, Request, Response, UpstreamFailed
from dynamic.flow.runner import Hooks, run
from dynamic.flow.state import Halt, State, Step
from dynamic.flow.steps.snippets import Run
from dynamic.simulating import records, scopes
from dynamic.simulating.documents import Documents
from dynamic.simulating.mocks import NoMock
from dynamic.simulating.recordings import INNER
from dynamic.simulating.records import Record
from dynamic.simulating.stops import Stop, steps_inside
from dynamic.simulating.terms import Flow, Past, Standing, Walked, Way

_WHY = (
    "It depends on the time or on chance, or another flow that it runs was changed. "
    "Begin again, or run it to the end in one go."
)

MOST_DESCRIBED = 1000  # steps of which it is told what they read


class Diverged(Halt):
    """The run does not go as it went before: `str(error)` says where, and why that may be."""


async def walk(flow: Flow, past: Past, stop: Stop, way: Way, deadline: float) -> Walked:
    """Run the flow until it is to stop; `deadline` is a time of the running loop."""
    walker = _Walker(past, stop, way, flow.documents)
    hooks = Hooks(notify=walker.notify, observer=walker, sleep=walker.sleep)
    try:
        outcome = await run(
            flow.program, flow.apis, flow.input, walker.send, deadline, flow.flows, hooks
        )
        walker.require_all_past()
    except Diverged as error:
        return Walked(past.records, walker.trace, diverged=str(error))
    except Halt:
        return Walked(walker.records, walker.trace, walker.standing)
    return Walked(walker.records, outcome.trace, outcome=outcome)


@dataclass(slots=True)
class _Begun:
    """A step under way."""

    number: int
    step: Step
    state: State
    entry: Entry
    scope: scopes.Scope  # before it


class _Walker:
    """The observer of one run, and its hands: what it sends goes through here."""

    def __init__(self, past: Past, stop: Stop, way: Way, documents: Documents) -> None:
        self.records = list(past.records)
        self.trace: list[Entry] = []
        self.standing: Standing | None = None
        self._past = past
        self._stop = stop
        self._way = way
        self._documents = documents
        self._begun = 0
        self._steps: list[_Begun] = []  # those under way, each inside the one before it
        self._halted = False
        self._is_marked = False  # the step that it stands before; those around it come after

    async def before(self, state: State, step: Step, entry: Entry) -> None:
        number = self._begun
        if number == 0:
            self.trace = state.trace
        is_past = number < len(self._past.records)
        begun = _Begun(number, step, state, entry, state.scope)
        if is_past:
            self._require_same(number, step)
        elif number != self._past.stood_at and self._stop.is_before(step, is_main=state.is_main):
            raise self._halt(Halt(), begun)
        else:
            self.records.append(Record(step.label, step.kind, len(self._steps)))
        if edits := self._past.edits.get(number):
            state.scope = begun.scope = scopes.changed(state.scope, edits)
        self._begun += 1
        self._steps.append(begun)

    def after(self, state: State, step: Step, entry: Entry) -> None:
        if self._halted:
            entry.pop("ms", None)
            entry["stands"] = "inside" if self._is_marked else "before"
            self._is_marked = True
            return
        begun = self._steps.pop()
        record = self.records[begun.number]
        inner = {key: entry[key] for key in INNER if key in entry}
        if record.entry is None:
            record.entry = {key: value for key, value in entry.items() if key not in INNER}
            if not steps_inside(step):
                record.changed, record.gone = scopes.changes(begun.scope, state.scope)
        else:
            entry.clear()
            entry.update(record.entry | inner)
            state.scope = scopes.changed(state.scope, record.changed, record.gone)
        self._describe(begun)

    def _describe(self, begun: _Begun) -> None:
        """Tell what the step had before it; that is not kept, for each run finds it again."""
        if edits := self._past.edits.get(begun.number):
            begun.entry["edited"] = dict(edits)
        if begun.number < MOST_DESCRIBED:
            others = [outer.step for outer in self._steps if isinstance(outer.step, Run)]
            slug = others[-1].flow if others else None
            begun.entry["reads"] = self._documents.reads(slug, begun.step.label, begun.scope)

    async def send(self, request: Request, attempts: list[Entry]) -> Response:
        record = self._record
        if record.answer is not None:
            self._way.given(request)
            return records.response_again(record.answer)
        try:
            response = await self._way.send(request, attempts)
        except UpstreamFailed as error:
            record.answer = records.failed(error)
            raise
        except NoMock as error:
            self.records.pop()
            raise self._halt(error, self._steps[-1]) from None
        record.answer = records.answered(response)
        return response

    async def notify(self, mail: Mail) -> None:
        record = self._record
        if self._way.is_mocked:
            self._steps[-1].entry["mocked"] = "The mail is shown, and not sent."
        if record.answer is not None:
            return records.mailed_again(record.answer)
        record.answer = {"not_sent": ""}
        try:
            await self._way.notify(mail)
        except NotSent as error:
            record.answer = {"not_sent": str(error)}
            raise

    async def sleep(self, seconds: float) -> None:
        record = self._record
        if self._way.is_mocked:
            self._steps[-1].entry["mocked"] = f"{seconds:g} s, which are not waited for."
        if record.answer is None:
            await self._way.sleep(seconds)
            record.answer = {"slept": seconds}

    def require_all_past(self) -> None:
        if self._begun < len(self._past.records):
            raise Diverged(f"{self._past.records[self._begun].label} would not be done. {_WHY}")

    def _require_same(self, number: int, step: Step) -> None:
        was = self._past.records[number]
        if (was.label, was.kind, was.depth) != (step.label, step.kind, len(self._steps)):
            self._halted = True
            raise Diverged(f"{step.label} would be done where {was.label} was. {_WHY}")

    @property
    def _record(self) -> Record:
        return self.records[self._steps[-1].number]

    def _halt(self, halt: Halt, begun: _Begun) -> Halt:
        self._halted = True
        self.standing = Standing(
            begun.number,
            begun.step.label,
            begun.step.kind,
            scopes.by_name(begun.state.scope),
            str(halt),
        )
        return halt
