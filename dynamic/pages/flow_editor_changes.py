"""Changing a draft's text from the pages of its steps: only as it was shown, and to be undone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404

from accounts.requests import SignedInRequest
from dynamic.flow.document import parse
from dynamic.flow.problems import DocumentInvalid, Path
from dynamic.models import Flow
from dynamic.systems.drafts import fingerprint

_UNDO = "flow_undo"  # in the session: what the last change replaced
LARGEST_UNDO = 100_000  # characters

Edit = Callable[[str], tuple[str, Path]]  # a draft's text → the new one, and the step to look at


class NotChanged(Exception):
    """Nothing was done. The sentence says why, and what to do."""


class ChangedMeanwhile(NotChanged):
    """Another one changed the flow since the page was shown."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is done: this flow was changed since the page was shown. Look at its steps as "
            "they are now, then do it again."
        )


@dataclass(frozen=True, slots=True)
class Changed:
    flow: Flow
    place: Path


def change(
    request: SignedInRequest, ref: str, edit: Edit, is_as_seen: Callable[[Flow], bool]
) -> Changed:
    """Edit the draft and keep it, whether or not it can run.

    Raises Http404, ChangedMeanwhile where the flow is not as it was seen, and NotChanged where
    what comes out is no document; whatever `edit` raises leaves the draft as it was, too.
    """
    with transaction.atomic():
        flow = _locked(request, ref)
        if not is_as_seen(flow):
            raise ChangedMeanwhile
        before = flow.draft
        try:
            flow.draft, place = edit(before)
            parse(flow.draft)
        except DocumentInvalid as error:
            raise NotChanged(f"Nothing is done: {error.problems[0].message}") from None
        flow.save(update_fields=["draft"])
    _remember(request, flow, before)
    return Changed(flow, place)


def undo(request: SignedInRequest, ref: str) -> None:
    """Put back what the last change from a page of steps replaced. Raises Http404, NotChanged."""
    with transaction.atomic():
        flow = _locked(request, ref)
        if not can_undo(request, flow):
            raise ChangedMeanwhile
        before, flow.draft = flow.draft, request.session[_UNDO]["before"]
        flow.save(update_fields=["draft"])
    _remember(request, flow, before)


def _locked(request: SignedInRequest, ref: str) -> Flow:
    theirs = Flow.objects.editable_by(request.user).named(ref)
    flow: Flow = get_object_or_404(theirs.select_for_update())
    return flow


def can_undo(request: SignedInRequest, flow: Flow) -> bool:
    kept: dict[str, Any] = request.session.get(_UNDO) or {}
    return kept.get("now") == [flow.pk, fingerprint(flow)]


def _remember(request: SignedInRequest, flow: Flow, before: str) -> None:
    """One step back, of one flow: undoing it again brings it back."""
    if len(before) > LARGEST_UNDO:
        request.session.pop(_UNDO, None)
    else:
        request.session[_UNDO] = {"now": [flow.pk, fingerprint(flow)], "before": before}
