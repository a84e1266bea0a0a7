"""What a person chose for a simulation, as JSON data that its row keeps."""

from dataclasses import asdict, dataclass, field
from typing import Any

from dynamic.flow.runner import Input
from dynamic.flow.state import Apis
from dynamic.models import ApiCall, Run, Simulation
from dynamic.runs.bodies import lacks_bodies
from dynamic.simulating.mocks import FAULTS, Mock, Reply
from dynamic.simulating.recordings import recorded_mock

SAMPLE, RECORDED, ANSWER = "sample", "recorded", "answer"
STATUSES = ("401", "404", "429", "500", "503")  # faults that are an answer without a body

_NO_SAMPLE = "has no sample response: give it one, or choose another mock."
_NO_RECORDING = "was to answer as in a run whose answers are not kept: choose another mock for it."


@dataclass(frozen=True, slots=True)
class Choice:
    """The mock of one API call: SAMPLE, RECORDED, ANSWER (status and body), one of STATUSES, or of
    `mocks.FAULTS`."""

    kind: str = SAMPLE
    status: int = 200
    body: Any = None


@dataclass(frozen=True, slots=True)
class Setup:
    source: str  # the draft as it was
    payload: Any = None
    method: str = "POST"
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    is_live: bool = False
    recording: str = ""  # "run:<id>" or "simulation:<id>", whose answers are given again
    mocks: dict[str, Choice] = field(default_factory=dict)  # by the name of the API call

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Setup":
        mocks = {name: Choice(**choice) for name, choice in data["mocks"].items()}
        return cls(**{**data, "mocks": mocks})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def input(self) -> Input:
        return Input(self.payload, self.query, self.headers, self.method)


def mocks_of(setup: Setup, simulation: Simulation, calls: Apis) -> dict[str, Mock]:
    """What each of these API calls answers, as things are now: a sample may have come since."""
    names = {name for name, _ in calls}
    owner_id = simulation.flow.owner_id
    trace = recorded_trace(setup.recording, owner_id, simulation.owner_id)
    samples = {
        call.full_name: call.sample_response
        for call in ApiCall.objects.filter(system__owner=owner_id).select_related("system")
    }
    fine = {name: call.fine for (name, _), call in calls.items()}
    mocks = {}
    for name in names:
        choice = setup.mocks.get(name, Choice())
        if choice.kind == SAMPLE:
            mocks[name] = _sample(samples.get(name), fine[name])
        elif choice.kind == RECORDED:
            mocks[name] = (
                Mock(missing=_NO_RECORDING) if trace is None else recorded_mock(trace, name)
            )
        else:
            mocks[name] = Mock([_chosen(choice)])
    return mocks


def recorded_trace(recording: str, owner_id: int, account_id: int) -> list[dict[str, Any]] | None:
    """The trace of a run of a pipe of the flow's owner, or of a simulation of the account's; None
    where it, or what was answered, is not there."""
    kind, _, key = recording.partition(":")
    if kind == "run":
        run = Run.objects.filter(owner=owner_id, pk=key).only("input", "trace").first()
        return None if run is None or lacks_bodies(run.input) else run.trace
    if kind == "simulation" and key.isdecimal():
        simulation = Simulation.objects.filter(owner=account_id, pk=key).only("shown").first()
        return simulation.shown["trace"] if simulation else None
    return None


def _sample(body: Any, fine: frozenset[int]) -> Mock:
    if body is None:
        return Mock(missing=_NO_SAMPLE)
    return Mock([Reply(200 if 200 in fine else min(fine), data=body)])


def _chosen(choice: Choice) -> Reply:
    if choice.kind == ANSWER:
        return Reply(choice.status, data=choice.body)
    if choice.kind in STATUSES:
        return Reply(int(choice.kind))
    return Reply(failure=FAULTS[choice.kind])
