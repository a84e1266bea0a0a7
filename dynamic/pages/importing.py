"""Importing API calls: a source is pasted, what it comes to is looked at, and some are made.

Nothing is kept between the two pages but the proposal itself, signed, in the second one: it holds
no credential, which the source may well do.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.importing.proposal import Proposal, ProposedCall
from dynamic.importing.slugs import Slugs
from dynamic.models import ApiCall, System
from dynamic.models.auth_types import AUTH_TYPES
from dynamic.models.call import NOT_FOR_SLUGS
from dynamic.pages.import_forms import SourceForm

MOST_OFFERED = 500  # at once: each is a box to tick, and Django takes a thousand fields
LONGEST_PROPOSAL = 2_000_000  # characters, compressed; Django takes 2.5 MB of a form
_SALT = "dynamic.pages.importing"


@dataclass(frozen=True, slots=True)
class Offer:
    """A call that could be made, under a slug that is free."""

    call: ProposedCall
    slug: str
    exists: bool  # the system has a call of the slug that the source suggests


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_import(request: SignedInRequest, ref: str) -> HttpResponse:
    system = get_object_or_404(System.objects.editable_by(request.user).named(ref))
    if "proposal" in request.POST:
        return _make_chosen(request, system)
    form = SourceForm(system, request.POST or None, request.FILES or None)
    page = {"system": system, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "systems/import.html", page)
    proposal: Proposal = form.cleaned_data["proposal"]
    offers = _offers(system, proposal.calls)[:MOST_OFFERED]
    kept = signing.dumps(
        [system.pk, [asdict(offer) for offer in offers]], salt=_SALT, compress=True
    )
    if len(kept) > LONGEST_PROPOSAL:
        form.add_error(None, "That is more than one page can hold. Import a part of it.")
        return render(request, "systems/import.html", page)
    page |= {"proposal": proposal, "offers": offers, "kept": kept}
    return render(request, "systems/import_preview.html", page | _remarks(system, proposal))


def _remarks(system: System, proposal: Proposal) -> dict[str, Any]:
    hint = proposal.auth_hint
    wants = AUTH_TYPES[hint] if hint not in ("", "none", system.auth_type) else None
    return {"wants": wants, "more": max(0, len(proposal.calls) - MOST_OFFERED)}


def _offers(system: System, calls: tuple[ProposedCall, ...]) -> list[Offer]:
    """Those that the system has not come first, so that importing again goes on with them."""
    there = set(system.calls.values_list("slug", flat=True))
    taken, slugs = there | NOT_FOR_SLUGS, Slugs()
    for name in taken | {call.slug for call in calls}:
        slugs.make(name)
    offers = [
        Offer(call, slugs.make(call.slug) if call.slug in taken else call.slug, call.slug in there)
        for call in calls
    ]
    return sorted(offers, key=lambda offer: offer.exists)


def _make_chosen(request: SignedInRequest, system: System) -> HttpResponse:
    try:
        pk, kept = signing.loads(request.POST["proposal"], salt=_SALT)
    except signing.BadSignature:
        pk, kept = None, []
    if pk != system.pk:
        messages.error(request, "That page was not whole any more. Paste the source once again.")
        return redirect("systems:call_import", system.ref)
    ticked = [offer for offer in kept if offer["slug"] in request.POST.getlist("take")]
    if not ticked:
        messages.error(request, "Nothing was ticked, so nothing was made.")
        return redirect("systems:call_import", system.ref)
    # A form may be sent twice.
    there = set(system.calls.values_list("slug", flat=True))
    chosen = [offer for offer in ticked if offer["slug"] not in there]
    try:
        with transaction.atomic():
            for offer in chosen:
                _make(system, offer)
    except (ValidationError, IntegrityError) as error:
        messages.error(request, f"Nothing was made. {_reason(error)}")
        return redirect("systems:call_import", system.ref)
    _tell(request, len(chosen), len(ticked) - len(chosen))
    return redirect("systems:detail", system.ref)


def _tell(request: SignedInRequest, made: int, there: int) -> None:
    if made:
        messages.success(request, f"{made} API call{' is' if made == 1 else 's are'} made.")
    if there:
        messages.info(
            request,
            f"{there} of those that you ticked {'was' if there == 1 else 'were'} there already.",
        )


def _make(system: System, offer: dict[str, Any]) -> None:
    values = {**offer["call"], "system": system, "slug": offer["slug"]}
    del values["notes"]
    call = ApiCall(**values)
    try:
        call.full_clean()
    except ValidationError as error:
        raise ValidationError(f"{call.name}: {' '.join(error.messages)}") from None
    call.save()


def _reason(error: ValidationError | IntegrityError) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return "A call took one of these names just now. Try again."
