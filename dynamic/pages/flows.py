"""The pages of flows: the list, making one, its draft, deleting it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q, RestrictedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from dynamic.models import Flow, Pipe
from dynamic.pages.flow_forms import DraftForm, NewFlowForm
from dynamic.pages.flow_head import head
from dynamic.pages.flow_history import history_page
from dynamic.pages.listing import listed
from dynamic.systems.drafts import fingerprint, problems_of, with_state
from dynamic.systems.mentions import flows_that_run

PER_PAGE = 50


@login_required
@require_safe
def flow_list(request: SignedInRequest) -> HttpResponse:
    flows, page = listed(request, Flow.objects.visible_to(request.user))
    pipes = Pipe.objects.visible_to(request.user).current().order_by("name")
    found = (
        with_state(flows.select_related("owner"))
        .defer("draft")
        .prefetch_related(Prefetch("pipes", pipes))
        .order_by("name", "id")
    )
    for word in page["query"].split():
        found = found.filter(Q(name__icontains=word) | Q(slug__icontains=word))
    page["flows"] = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "flows/list.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def flow_create(request: SignedInRequest) -> HttpResponse:
    form = NewFlowForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        flow = Flow(owner=request.user, **form.cleaned_data)
        try:
            with transaction.atomic():
                flow.save()
        except IntegrityError:
            form.add_error("slug", "Another flow took this slug just now.")
        else:
            messages.success(request, f"“{flow}” is made.")
            return redirect("flows:steps", flow.slug)
    return render(request, "flows/create.html", {"form": form})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flow_detail(request: SignedInRequest, ref: str) -> HttpResponse:
    if request.method == "POST":
        return _post_draft(request, ref)
    flow: Flow = get_object_or_404(Flow.objects.visible_to(request.user).named(ref))
    return _page(request, flow, DraftForm(flow))


def _post_draft(request: SignedInRequest, ref: str) -> HttpResponse:
    """Check the draft without keeping it, or keep it whether or not it can run. Where another has
    changed the flow since this form was made, show both."""
    theirs = Flow.objects.editable_by(request.user).named(ref)
    with transaction.atomic():
        flow: Flow = get_object_or_404(theirs.select_for_update())
        form = DraftForm(flow, request.POST)
        if not form.is_valid():
            return _page(request, flow, form)
        name, draft = form.cleaned_data["name"], form.cleaned_data["draft"]
        if "check" in request.POST:
            return _page(request, flow, form, checked=draft)
        is_another = form.cleaned_data["based_on"] != fingerprint(flow)
        if is_another and (flow.name, flow.draft) != (name, draft):
            seen = request.POST.copy()
            seen["based_on"] = fingerprint(flow)
            return _page(request, flow, DraftForm(flow, seen), checked=draft, theirs=flow)
        flow.name, flow.draft = name, draft
        flow.save(update_fields=["name", "draft"])
    messages.success(request, "The draft is saved.")
    return redirect("flows:detail", ref)


def _page(
    request: SignedInRequest,
    flow: Flow,
    form: DraftForm,
    *,
    checked: str | None = None,
    theirs: Flow | None = None,
) -> HttpResponse:
    """`checked` is a draft that is in the form only. `theirs` is what another made of the flow."""
    shown = Flow(owner_id=flow.owner_id, slug=flow.slug, draft=checked or flow.draft)
    pipes = Pipe.objects.visible_to(request.user).filter(flow=flow)
    page = head(flow, "source") | {
        "form": form,
        "problems": [] if form.errors else problems_of(shown),
        "checked": checked is not None and theirs is None,
        "theirs": theirs,
        "pipes": pipes.select_related("pinned"),
    }
    page |= history_page(flow, pipes, request.GET.get("versions"))
    return render(request, "flows/detail.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def flow_delete(request: SignedInRequest, slug: str) -> HttpResponse:
    flow: Flow = get_object_or_404(request.user.flows, slug=slug)
    runners = flows_that_run(flow)
    if request.method == "POST" and not runners:
        name = flow.name
        try:
            flow.delete()
        except RestrictedError:  # a pipe runs it
            pass
        else:
            messages.success(request, f"“{name}” is deleted.")
            return redirect("flows:list")
    page = {"flow": flow, "pipes": flow.pipes.all(), "runners": runners}
    return render(request, "flows/delete.html", page)
