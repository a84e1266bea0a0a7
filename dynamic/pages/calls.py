"""The pages of a system's API calls: making, changing, copying, switching off and deleting one."""

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from dynamic.models import ApiCall, Flow, System
from dynamic.pages.call_editing import CallEditor
from dynamic.pages.call_forms import free_slug
from dynamic.pages.json_field import pretty
from dynamic.systems.mentions import flows_that_make


def call_of(request: SignedInRequest, ref: str, call_slug: str) -> ApiCall:
    """To be changed or tried. Raises Http404, also where the system may only be seen."""
    return _call(System.objects.editable_by(request.user).named(ref), call_slug)


def _call(systems: "QuerySet[System]", call_slug: str) -> ApiCall:
    call: ApiCall = get_object_or_404(get_object_or_404(systems).calls, slug=call_slug)
    return call


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_create(request: SignedInRequest, ref: str) -> HttpResponse:
    system = get_object_or_404(System.objects.editable_by(request.user).named(ref))
    return _edit(request, ApiCall(system=system), "systems/call_create.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_detail(request: SignedInRequest, ref: str, call_slug: str) -> HttpResponse:
    call = _call(System.objects.visible_to(request.user).named(ref), call_slug)
    if not call.system.is_editable:
        return _shown(request, call)
    return _edit(request, call, "systems/call_detail.html")


def _shown(request: SignedInRequest, call: ApiCall) -> HttpResponse:
    """To those who may not change it. Raises Http404 where they try."""
    if request.method == "POST":
        raise Http404
    texts = [
        ("Query", call.query),
        ("Headers", call.headers),
        (f"Body: {call.get_body_kind_display()}", call.body),
        ("Sample arguments", call.sample_arguments),
        ("Sample response", call.sample_response),
    ]
    shown = [(title, pretty(value)) for title, value in texts if value]
    page = {"system": call.system, "call": call, "texts": shown}
    return render(request, "systems/call_shown.html", page)


def _edit(request: SignedInRequest, call: ApiCall, template: str) -> HttpResponse:
    editor = CallEditor(call, request.POST or None)
    saved = editor.save() if request.method == "POST" else None
    if saved is None:
        page = {"system": call.system, "call": call, "editor": editor}
        return render(request, template, page)
    messages.success(request, f"“{saved.name}” is saved.")
    page_name = "systems:call_test" if "test" in request.POST else "systems:call_detail"
    return redirect(page_name, saved.system.ref, saved.slug)


@login_required
@require_POST
def call_copy(request: SignedInRequest, ref: str, call_slug: str) -> HttpResponse:
    call = call_of(request, ref, call_slug)
    twin = copy(call)
    twin.pk, twin._state.adding = None, True
    twin.name = f"{call.name[:93]} (copy)"
    twin.slug = free_slug(twin, call.slug)
    twin.save(force_insert=True)
    messages.success(request, f"This is a copy of “{call.name}”. Give it a name of its own.")
    return redirect("systems:call_detail", ref, twin.slug)


@login_required
@require_POST
def call_active(request: SignedInRequest, ref: str, call_slug: str) -> HttpResponse:
    """Make it what `active` says, so that a form that is sent twice does no harm."""
    call = call_of(request, ref, call_slug)
    call.active = request.POST.get("active") == "on"
    call.save(update_fields=["active"])
    told = "is on" if call.active else "is off: flows cannot make it"
    messages.success(request, f"“{call.name}” {told}.")
    return redirect("systems:call_detail", ref, call_slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_delete(request: SignedInRequest, ref: str, call_slug: str) -> HttpResponse:
    call = call_of(request, ref, call_slug)
    flows = flows_that_make(call)
    if request.method != "POST" or flows:
        # The owner's others are in the way, too, and are no business of an editor's.
        known = Flow.objects.visible_to(request.user).in_bulk([flow.pk for flow in flows])
        page = {"system": call.system, "call": call, "flows": known.values()}
        page |= {"is_used": bool(flows), "others": len(flows) - len(known)}
        return render(request, "systems/call_delete.html", page)
    call.delete()
    messages.success(request, f"“{call.name}” is deleted.")
    return redirect("systems:detail", ref)
