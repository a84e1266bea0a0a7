"""What the form of a simulation begins with."""

from dataclasses import replace
from typing import Any

from accounts.models import User
from dynamic.flow.document import parse
from dynamic.models import ApiCall, Flow, Run
from dynamic.pages.step_scope import sample_payload
from dynamic.runs.bodies import lacks_bodies
from dynamic.simulating.replaying import setup_of
from dynamic.simulating.setup import RECORDED, Choice, Setup


def beginning(
    flow: Flow,
    account: User,
    apis: list[str],
    pk: str,
    run: Run | None = None,
    *,
    has_runs: bool,
) -> Setup:
    """What a run of a pipe began with, to be replayed; or the account's simulation `pk`. Else its
    latest one, though with mocks; else a sample of the input, and for each of these API calls its
    sample or what it answered in a run.

    The draft must be one that can run.
    """
    if run is not None:
        return _replayed(flow, apis, run)
    mine = flow.simulations.filter(owner=account)
    if pk.isdecimal() and len(pk) < 19 and (chosen := mine.filter(pk=pk).first()):
        return Setup.read(chosen.setup)
    if latest := mine.first():
        return replace(Setup.read(latest.setup), is_live=False)
    calls = ApiCall.objects.filter(system__owner=flow.owner_id).select_related("system")
    sampled = {call.full_name for call in calls if call.sample_response is not None}
    mocks = {api: Choice(RECORDED) for api in apis if has_runs and api not in sampled}
    return Setup(source=flow.draft, payload=_sample(flow), mocks=mocks)


def _replayed(flow: Flow, apis: list[str], run: Run) -> Setup:
    """With its answers for mocks. Where its bodies were not kept there is only a sample."""
    if lacks_bodies(run.input):
        return Setup(source=flow.draft, payload=_sample(flow))
    return setup_of(run, flow.draft, apis)


def _sample(flow: Flow) -> Any:
    data = parse(flow.draft).data
    sample = sample_payload(data.get("input"))
    return {} if sample is None else sample
