"""The payloads that runs of a flow came with, where they were kept as they were."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from apikeys.scrub import MASK
from dynamic.flow.outcome import Status
from dynamic.models import Flow, Pipe, Run
from dynamic.runs.bodies import lacks_bodies

# What `redaction` puts for, or beside, what it leaves out of an object or a list.
_CUT = re.compile(r"… and (deeper|\d+ more)")


def runs_with_input(flow: Flow, account: User, most: int) -> "QuerySet[Run]":
    """The last runs of the pipes that run this flow, as far as the account sees them, but those
    whose input it refused."""
    pipes = Pipe.objects.visible_to(account).filter(flow=flow).values("pk")
    runs = Run.objects.filter(owner=flow.owner_id, flow_id=flow.pk, pipe__in=pipes)
    return runs.exclude(status=Status.INVALID_INPUT).order_by("-id")[:most]


def whole_payloads(inputs: Iterable[dict[str, Any]]) -> Iterator[Any]:
    """Of these inputs of runs: the payloads in which nothing was masked, cut or left out.

    A text of which a part was masked or cut is still a text; a value that was masked may have been
    anything.
    """
    for came in inputs:
        if not lacks_bodies(came) and _is_whole(came["payload"]):
            yield came["payload"]


def _is_whole(payload: Any) -> bool:
    left = [payload]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            if any(MASK in name for name in part):
                return False
            left += part.values()
        elif isinstance(part, list):
            left += part
        elif isinstance(part, str) and (part == MASK or _CUT.fullmatch(part)):
            return False
    return True
