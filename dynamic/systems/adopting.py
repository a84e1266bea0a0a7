"""A proposal's calls as API calls of a system: which of them can be made, and making them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from dynamic.importing.proposal import Proposal, ProposedCall
from dynamic.models import ApiCall, System

_TAKEN = (
    "slug",
    "name",
    "description",
    "method",
    "path",
    "query",
    "headers",
    "body_kind",
    "body",
    "skip_auth",
    "sample_arguments",
    "sample_response",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`problems` are sentences; a call that has any cannot be made."""

    proposed: ProposedCall
    call: ApiCall
    problems: tuple[str, ...]


def candidates(system: System, proposal: Proposal) -> list[Candidate]:
    """Nothing is saved. A call whose slug the system has already is never replaced."""
    taken = set(system.calls.values_list("slug", flat=True))
    found = []
    for proposed in proposal.calls:
        call = ApiCall(system=system, **{name: getattr(proposed, name) for name in _TAKEN})
        if proposed.slug in taken:
            problems: tuple[str, ...] = (f"{system} has a call {proposed.slug} already.",)
        else:
            problems = tuple(_problems(call))
        found.append(Candidate(proposed, call, problems))
    return found


def adopt(chosen: Iterable[Candidate]) -> None:
    """Save these calls, all or none."""
    with transaction.atomic():
        for candidate in chosen:
            candidate.call.save()


def _problems(call: ApiCall) -> list[str]:
    try:
        call.full_clean()
    except ValidationError as error:
        return [
            message if field == NON_FIELD_ERRORS else f"{field}: {message}"
            for field, messages in error.message_dict.items()
            for message in messages
        ]
    return []
