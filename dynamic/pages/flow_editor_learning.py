"""A schema for the form of a flow's input, learned from a sample or from runs; nothing is saved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from dynamic.flow.learning import learn
from dynamic.models import Flow
from dynamic.pages.json_field import JsonField, pretty
from dynamic.runs.payloads import runs_with_input, whole_payloads

MOST_RUNS = 50


class SampleForm(forms.Form):
    use_required_attribute = False  # the form around it is saved without it

    sample = JsonField(
        label="A sample",
        lines=6,
        help_text='A payload as callers send it, such as {"id": 1001, "lines": []}.',
        error_messages={"required": "Paste a payload to learn from."},
    )


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned when the form asked for it, to be looked at above the form."""

    sample: SampleForm
    is_asked: bool = False
    schema: str = ""  # empty where nothing could be learned
    told: str = ""  # what it was learned from
    fault: str = ""  # why there is none from runs


def lesson_of(flow: Flow, account: User, posted: QueryDict) -> Lesson:
    """Learn from what the form's button said: `learn=sample` or `learn=runs`; else nothing."""
    asked = posted.get("learn")
    if asked == "sample":
        return _of_sample(posted)
    blank = SampleForm(initial={"sample": posted.get("sample", "")})
    return _of_runs(flow, account, blank) if asked == "runs" else Lesson(blank)


def runs_to_learn_from(flow: Flow, account: User) -> int:
    """How many there are, up to those that are looked at."""
    return len(runs_with_input(flow, account, MOST_RUNS).values_list("pk"))


def _of_sample(posted: QueryDict) -> Lesson:
    form = SampleForm(posted)
    if not form.is_valid():
        return Lesson(form, is_asked=True)
    schema = pretty(learn([form.cleaned_data["sample"]]))
    return Lesson(form, is_asked=True, schema=schema, told="The schema is learned from the sample.")


def _of_runs(flow: Flow, account: User, sample: SampleForm) -> Lesson:
    inputs = runs_with_input(flow, account, MOST_RUNS).values_list("input", flat=True)
    came = _Counted(inputs.iterator(chunk_size=10))  # each may be large
    used = _Counted(whole_payloads(came))
    schema = learn(used)
    if not used.count:
        return Lesson(sample, is_asked=True, fault=_fault(came.count))
    told = f"The schema is learned from {used.count} of the last {_runs(came.count)}."
    if left := came.count - used.count:
        told += f" The payload of {left} was masked, cut or not kept."
    return Lesson(sample, is_asked=True, schema=pretty(schema), told=told)


def _fault(runs: int) -> str:
    if not runs:
        return "No run of this flow has a payload to learn from. Paste a sample."
    return (
        f"There is nothing to learn from: of the last {_runs(runs)}, no payload was kept without "
        "something in it masked or cut. Paste a sample."
    )


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


class _Counted:
    """Passes things on, and counts them."""

    def __init__(self, things: Iterable[Any]) -> None:
        self._things = things
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for thing in self._things:
            self.count += 1
            yield thing
