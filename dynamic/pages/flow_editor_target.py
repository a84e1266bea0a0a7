"""Which step of a draft a form is about: one that is there, or one that is to be added."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.http import urlencode

from accounts.requests import SignedInRequest
from dynamic.flow.document import Document, format_path
from dynamic.flow.problems import Path, Problem
from dynamic.models import Flow
from dynamic.pages.flow_editor_places import found, index_of, place_of
from dynamic.pages.flow_editor_rows import add_query, written
from dynamic.pages.step_forms.kinds import KINDS, Kind, kind_of
from dynamic.pages.step_forms.step_form import Around, Step
from dynamic.systems.drafts import fingerprint, problems_of

_INSIDE = re.compile(r"(\.elif\[\d+\])?\.(then|else|do|try|catch)\[")


@dataclass(frozen=True, slots=True)
class Target:
    """`kind` is None for a step of no kind that is known here.

    `is_lost`: what the form was about is not there any more; what was typed can be added.
    """

    flow: Flow
    document: Document
    kind: Kind | None
    steps: Path
    index: int
    step: Step
    is_new: bool
    is_lost: bool = False

    @property
    def place(self) -> Path:
        return (*self.steps, self.index)

    @property
    def query(self) -> str:
        """What names it in a URL."""
        if not self.is_new:
            return urlencode({"at": written(self.place)})
        kind = urlencode({"kind": self.kind.name if self.kind else ""})
        return f"{add_query(self.steps, self.index)}&{kind}"

    def around(self) -> Around:
        own = {} if self.is_new else self.step
        names = _answer_names(self.document.data) - {own.get("call"), own.get("run")}
        return Around(self.flow, frozenset(names))

    def digest(self) -> str:
        """Tells whether the step is still the one that a page showed."""
        return hashlib.sha256(json.dumps(self.step).encode()).hexdigest()

    def is_as_seen(self, data: Any) -> bool:
        """Whether a form that was sent showed it as it is. Of a step that is there already only
        itself counts: what others did elsewhere stays."""
        if self.is_lost:
            return False
        if data.get("based_on") == fingerprint(self.flow):
            return True
        return not self.is_new and data.get("shown") == self.digest()

    def problems(self) -> list[Problem]:
        """Its own, without those of the steps inside it."""
        path = format_path(self.place)
        return [
            problem
            for problem in problems_of(self.flow)
            if problem.path.startswith(path)
            and problem.path[len(path) : len(path) + 1] in ("", ".", "[")
            and not _INSIDE.match(problem.path, len(path))
        ]


def target_of(request: SignedInRequest, flow: Flow, document: Document) -> Target:
    """Raises Http404 where nothing is there, unless a form was sent that was about it."""
    if not (at := request.GET.get("at")):
        return _new(request, flow, document)
    place, sent = place_of(at), KINDS.get(request.POST.get("step_kind", ""))
    steps, index = place[:-1], place[-1]
    if not isinstance(index, int):
        raise Http404
    try:
        step = found(document.data, place)
    except Http404:
        if sent is None:
            raise
        return _lost(flow, document, sent)
    kind = kind_of(step)
    if sent is not None and kind is not sent:
        return _lost(flow, document, sent)
    return Target(flow, document, kind, steps, index, step, is_new=False)


def _new(request: SignedInRequest, flow: Flow, document: Document) -> Target:
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None:
        raise Http404
    steps, index = place_of(request.GET.get("into")), index_of(request.GET.get("index"))
    step = kind.begun()
    if kind.name == "call":
        step["api"] = request.GET.get("api", "")
    return Target(flow, document, kind, steps, index, step, is_new=True)


def _lost(flow: Flow, document: Document, kind: Kind) -> Target:
    count = len(document.data.get("steps", []))
    return Target(flow, document, kind, ("steps",), count, kind.begun(), is_new=True, is_lost=True)


def _answer_names(value: Any) -> set[str]:
    """The names of all calls and runs in a document."""
    if isinstance(value, list):
        return {name for part in value for name in _answer_names(part)}
    if not isinstance(value, dict):
        return set()
    own = {value[key] for key in ("call", "run") if isinstance(value.get(key), str)}
    return own.union(*(_answer_names(part) for part in value.values()))
