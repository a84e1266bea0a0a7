"""The pages of systems: the list, one system, its connection, putting it away."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from dynamic.models import System
from dynamic.pages.connection_form import ConnectionForm
from dynamic.pages.trial_text import trial_page
from dynamic.systems.standing import standing
from dynamic.systems.trying import try_connection

PER_PAGE = 50
_SEARCH_FROM = 10  # systems: fewer are seen at a glance


@login_required
@require_safe
def system_list(request: SignedInRequest) -> HttpResponse:
    archived = "archived" in request.GET
    systems = request.user.systems.filter(archived_at__isnull=not archived)
    query = request.GET.get("q", "").strip()
    found = systems.select_related("health").annotate(call_count=Count("calls"))
    found = found.order_by("name", "id")
    for word in query.split():
        found = found.filter(
            Q(name__icontains=word) | Q(slug__icontains=word) | Q(base_url__icontains=word)
        )
    count = systems.count()
    page = {
        "systems": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "archived": archived,
        "query": query,
        "more": urlencode({"q": query} | ({"archived": ""} if archived else {})) + "&",
        "count": count,
        "searchable": query or count >= _SEARCH_FROM,
        "others": request.user.systems.filter(archived_at__isnull=archived).count(),
    }
    return render(request, "systems/list.html", page)


@login_required
@never_cache
@require_safe
def system_detail(request: SignedInRequest, slug: str) -> HttpResponse:
    system = get_object_or_404(request.user.systems.select_related("health"), slug=slug)
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
def system_test(request: SignedInRequest, slug: str) -> HttpResponse:
    """The result stands in the answer to this POST; nothing of it is kept."""
    system = get_object_or_404(request.user.systems, slug=slug)
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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def system_archive(request: SignedInRequest, slug: str) -> HttpResponse:
    system: System = get_object_or_404(request.user.systems, slug=slug)
    if request.method != "POST":
        return render(request, "systems/archive.html", {"system": system})
    system.archived_at = system.archived_at or timezone.now()
    system.save(update_fields=["archived_at"])
    messages.success(request, f"“{system}” is archived. Flows cannot call it any more.")
    return redirect("systems:list")


@login_required
@require_POST
def system_restore(request: SignedInRequest, slug: str) -> HttpResponse:
    system: System = get_object_or_404(request.user.systems, slug=slug)
    system.archived_at = None
    system.save(update_fields=["archived_at"])
    messages.success(request, f"“{system}” is restored. Flows can call it again.")
    return redirect("systems:detail", system.slug)
