"""A proposal's calls as API calls of a system, and which of them can be made."""

from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from dynamic.importing.proposal import Proposal, ProposedCall
from dynamic.models import ApiCall, System

TAKEN_OVER = (
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
        call = ApiCall(system=system, **{name: getattr(proposed, name) for name in TAKEN_OVER})
        problems: tuple[str, ...]
        if proposed.slug in taken:
            problems = (f"{system} has a call {proposed.slug} already.",)
        else:
            problems = tuple(_problems(call))
        found.append(Candidate(proposed, call, problems))
    return found


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
