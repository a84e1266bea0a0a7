"""The pages of systems: the list, one system, its connection."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from dynamic.models import System
from dynamic.pages.connection_form import ConnectionForm
from dynamic.pages.listing import listed
from dynamic.pages.trial_text import trial_page
from dynamic.systems.standing import standing
from dynamic.systems.trying import try_connection

PER_PAGE = 50


@login_required
@require_safe
def system_list(request: SignedInRequest) -> HttpResponse:
    systems, page = listed(request, System.objects.visible_to(request.user))
    found = systems.select_related("health", "owner").annotate(call_count=Count("calls"))
    found = found.order_by("name", "id")
    for word in page["query"].split():
        found = found.filter(
            Q(name__icontains=word) | Q(slug__icontains=word) | Q(base_url__icontains=word)
        )
    page["systems"] = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "systems/list.html", page)


@login_required
@never_cache
@require_safe
def system_detail(request: SignedInRequest, ref: str) -> HttpResponse:
    seen = System.objects.visible_to(request.user).named(ref)
    system: System = get_object_or_404(seen.select_related("health", "owner"))
    credentials = Paginator(system.credentials.select_related("token"), PER_PAGE)
    calls = Paginator(system.calls.order_by("name", "id"), PER_PAGE)
    shown = credentials.get_page(request.GET.get("credentials"))
    page = {
        "system": system,
        "health": getattr(system, "health", None),
        "credentials": shown,
        "standings": [standing(credential) for credential in shown],
        "wants_credential": system.type.wants_credential or not system.base_url,
        "by_consent": system.auth_type == "oauth2_code",
        "calls": calls.get_page(request.GET.get("calls")),
    }
    return render(request, "systems/detail.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def system_test(request: SignedInRequest, ref: str) -> HttpResponse:
    """The result stands in the answer to this POST; nothing of it is kept."""
    system = get_object_or_404(System.objects.editable_by(request.user).named(ref))
    data = request.POST if request.method == "POST" else None
    form = ConnectionForm(system, data, chosen=request.GET.get("credential", ""))
    page = {"system": system, "form": form}
    if form.is_valid():
        given = form.cleaned_data
        trial = try_connection(
            system, given.get("credential"), fresh_token=given.get("token") == "fresh"
        )
        page |= trial_page(trial)
    return render(request, "systems/test.html", page)
