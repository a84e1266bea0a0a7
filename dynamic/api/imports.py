"""API calls from a pasted source, over REST: what would be made, or what was."""

from typing import Any

from rest_framework import serializers

from apikeys.api.serializers import StrictSerializer
from dynamic.api.adopting import TAKEN_OVER, Candidate, candidates
from dynamic.api.checked import saving
from dynamic.api.rows import RowsField
from dynamic.importing.proposal import Kind, Proposal, SourceInvalid
from dynamic.importing.reading import detect, read
from dynamic.models import System
from dynamic.models.credential import base_url_of, default_credential

OUTCOMES = ["will_be_made", "made", "not_chosen", "cannot_be_made"]


class ImportSerializer(StrictSerializer):
    kind = serializers.ChoiceField(
        choices=["curl", "openapi", "postman"],
        required=False,
        help_text="By default what the source looks like.",
    )
    source = serializers.CharField(  # type: ignore[assignment]
        trim_whitespace=False,
        help_text="curl commands, an OpenAPI 3 document or a Postman collection.",
    )
    dry_run = serializers.BooleanField(default=True, help_text="Tell what would be made.")
    only = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Slugs; by default all."
    )


class CandidateSerializer(serializers.Serializer[Any]):
    """A proposed call, what of the source's request it leaves out, and what becomes of it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    method = serializers.CharField()
    path = serializers.CharField()
    query = RowsField()
    headers = RowsField()
    body_kind = serializers.CharField()
    body = serializers.JSONField(allow_null=True)
    skip_auth = serializers.BooleanField()
    sample_arguments = serializers.JSONField()
    sample_response = serializers.JSONField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="Why it cannot be made."
    )


class ImportedSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField()
    kind = serializers.CharField()
    title = serializers.CharField()
    base_url = serializers.CharField(help_text="The source's.")
    auth_hint = serializers.CharField(
        help_text="The authentication type that the source asks for; empty if it does not tell."
    )
    auth_name = serializers.CharField(help_text="The header or parameter of a static key.")
    calls = CandidateSerializer(many=True)
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="Requests that make no call, and why."
    )


def import_calls(system: System, wanted: dict[str, Any]) -> dict[str, Any]:
    """What `ImportedSerializer` describes. Raises ValidationError."""
    kind, proposal = _proposal(system, wanted)
    found = candidates(system, proposal)
    slugs = {candidate.proposed.slug for candidate in found}
    chosen = set(wanted.get("only", slugs))
    if unknown := sorted(chosen - slugs):
        raise serializers.ValidationError({"only": [f"The source has no call {unknown[0]!r}."]})
    if not wanted["dry_run"]:
        with saving():
            for one in found:
                if one.proposed.slug in chosen and not one.problems:
                    one.call.save()
    return {
        "dry_run": wanted["dry_run"],
        "kind": kind,
        "title": proposal.title,
        "base_url": proposal.base_url,
        "auth_hint": proposal.auth_hint,
        "auth_name": proposal.auth_name,
        "calls": [_shown(one, chosen, wanted["dry_run"]) for one in found],
        "left_out": list(proposal.left_out),
    }


def _proposal(system: System, wanted: dict[str, Any]) -> tuple[Kind, Proposal]:
    credential = default_credential(system)
    base_url = base_url_of(system, credential)
    try:
        kind = wanted.get("kind") or detect(wanted["source"])
        return kind, read(kind, wanted["source"], base_url=base_url)
    except SourceInvalid as error:
        raise serializers.ValidationError({"source": [str(error)]}) from None


def _shown(candidate: Candidate, chosen: set[str], dry_run: bool) -> dict[str, Any]:
    if candidate.proposed.slug not in chosen:
        outcome = "not_chosen"
    elif candidate.problems:
        outcome = "cannot_be_made"
    else:
        outcome = "will_be_made" if dry_run else "made"
    shown = {name: getattr(candidate.proposed, name) for name in (*TAKEN_OVER, "notes")}
    return {**shown, "outcome": outcome, "problems": candidate.problems}
