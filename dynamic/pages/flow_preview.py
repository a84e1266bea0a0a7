"""What the table of a `map` step makes of a sample, while it is edited. Nothing is called."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from dynamic.models import Flow
from dynamic.pages.flow_editor import read
from dynamic.pages.flow_editor_target import target_of
from dynamic.pages.step_forms.map_form import MapForm
from dynamic.pages.step_forms.step_form import NotInForm
from dynamic.pages.step_picks import scope_of


@login_required
@never_cache
@require_POST
def flow_preview(request: SignedInRequest, ref: str) -> HttpResponse:
    """Takes what the step's form sends, and gives `{"made": text or null, "faults": [text],
    "sample": text}`, the sample being found where none was sent.

    Raises Http404 where the step is not one of the owner's that can be edited by its form.
    """
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    document = read(flow)
    if document is None:
        raise Http404
    target = target_of(request, flow, document)
    if target.kind is None or target.kind.form is not MapForm:
        raise Http404
    try:
        form = MapForm(target.step, target.around(), request.POST)
    except NotInForm:
        raise Http404 from None
    form.preview(scope_of(flow, document, target.steps, target.index).names())
    told = {"made": form.made, "faults": form.faults, "sample": form.data["sample"]}
    return JsonResponse(told)
