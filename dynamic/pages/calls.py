"""The pages of a system's API calls: making, changing, copying, switching off and deleting one."""

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from dynamic.models import ApiCall
from dynamic.pages.call_editing import CallEditor
from dynamic.pages.call_forms import free_slug
from dynamic.systems.mentions import flows_that_make


def call_of(request: SignedInRequest, slug: str, call_slug: str) -> ApiCall:
    """Raises Http404, also for somebody else's."""
    call: ApiCall = get_object_or_404(
        ApiCall.objects.select_related("system"),
        system__owner=request.user,
        system__slug=slug,
        slug=call_slug,
    )
    return call


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_create(request: SignedInRequest, slug: str) -> HttpResponse:
    system = get_object_or_404(request.user.systems, slug=slug)
    return _edit(request, ApiCall(system=system), "systems/call_create.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_detail(request: SignedInRequest, slug: str, call_slug: str) -> HttpResponse:
    return _edit(request, call_of(request, slug, call_slug), "systems/call_detail.html")


def _edit(request: SignedInRequest, call: ApiCall, template: str) -> HttpResponse:
    editor = CallEditor(call, request.POST or None)
    saved = editor.save() if request.method == "POST" else None
    if saved is None:
        page = {"system": call.system, "call": call, "editor": editor}
        return render(request, template, page)
    messages.success(request, f"“{saved.name}” is saved.")
    page_name = "systems:call_test" if "test" in request.POST else "systems:call_detail"
    return redirect(page_name, saved.system.slug, saved.slug)


@login_required
@require_POST
def call_copy(request: SignedInRequest, slug: str, call_slug: str) -> HttpResponse:
    call = call_of(request, slug, call_slug)
    twin = copy(call)
    twin.pk, twin._state.adding = None, True
    twin.name = f"{call.name[:93]} (copy)"
    twin.slug = free_slug(twin, call.slug)
    twin.save(force_insert=True)
    messages.success(request, f"This is a copy of “{call.name}”. Give it a name of its own.")
    return redirect("systems:call_detail", slug, twin.slug)


@login_required
@require_POST
def call_active(request: SignedInRequest, slug: str, call_slug: str) -> HttpResponse:
    """Make it what `active` says, so that a form that is sent twice does no harm."""
    call = call_of(request, slug, call_slug)
    call.active = request.POST.get("active") == "on"
    call.save(update_fields=["active"])
    told = "is on" if call.active else "is off: flows cannot make it"
    messages.success(request, f"“{call.name}” {told}.")
    return redirect("systems:call_detail", slug, call_slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_delete(request: SignedInRequest, slug: str, call_slug: str) -> HttpResponse:
    call = call_of(request, slug, call_slug)
    flows = flows_that_make(call)
    if request.method != "POST" or flows:
        page = {"system": call.system, "call": call, "flows": flows}
        return render(request, "systems/call_delete.html", page)
    call.delete()
    messages.success(request, f"“{call.name}” is deleted.")
    return redirect("systems:detail", slug)
