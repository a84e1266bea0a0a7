"""What a flow takes, as a JSON Schema in a form."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.flow.document import Document, format_path
from dynamic.flow.editing.input_schema import set_input, without_input
from dynamic.flow.editing.surgery import EditImpossible
from dynamic.flow.problems import Path
from dynamic.flow.schema import InputSchema, SchemaInvalid
from dynamic.models import Flow
from dynamic.pages.flow_editor import read, steps_url
from dynamic.pages.flow_editor_changes import NotChanged, change
from dynamic.pages.flow_editor_learning import Lesson, lesson_of, runs_to_learn_from
from dynamic.pages.json_field import JsonField, pretty
from dynamic.pages.step_forms.written_values import ABSENT
from dynamic.systems.drafts import fingerprint


class InputForm(forms.Form):
    schema = JsonField(
        label="JSON Schema of the payload",
        required=False,
        empty=ABSENT,
        lines=14,
        help_text='Such as {"type": "object", "required": ["id"]}. What does not match is answered '
        "with 400, before the first step. Empty: anything is taken.",
    )
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_schema(self) -> Any:
        schema = self.cleaned_data["schema"]
        if schema is not ABSENT:
            try:
                InputSchema(schema)
            except SchemaInvalid as error:
                where = f"{format_path(error.path)}: " if error.path else ""
                raise ValidationError(f"{where}{error}") from None
        return schema


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flow_input(request: SignedInRequest, ref: str) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    document = read(flow)
    if document is None:
        return redirect(steps_url(ref))
    lesson = lesson_of(flow, request.user, request.POST)
    form = _form(request, lesson, _shown(flow, document))
    is_conflict = False
    if form.is_valid():
        is_conflict = form.cleaned_data["based_on"] != fingerprint(flow)
        if not is_conflict and _is_saved(request, flow, form):
            return redirect(steps_url(ref))
    if is_conflict:
        seen = request.POST.copy()
        seen["based_on"] = fingerprint(flow)
        form = InputForm(seen)
    page = {
        "flow": flow,
        "form": form,
        "is_conflict": is_conflict,
        "shown": _shown(flow, document),
        "lesson": lesson,
        "runs": runs_to_learn_from(flow, request.user),
    }
    return render(request, "flows/editor_input.html", page)


def _shown(flow: Flow, document: Document) -> dict[str, str]:
    schema = pretty(document.data["input"]) if "input" in document.data else ""
    return {"schema": schema, "based_on": fingerprint(flow)}


def _form(request: SignedInRequest, lesson: Lesson, shown: dict[str, str]) -> InputForm:
    """What was learned is shown unsaved; it is still based on the flow that the page showed."""
    if not lesson.is_asked:
        return InputForm(request.POST if request.method == "POST" else None, initial=shown)
    posted = {name: request.POST.get(name, "") for name in shown}
    return InputForm(initial=posted | ({"schema": lesson.schema} if lesson.schema else {}))


def _is_saved(request: SignedInRequest, flow: Flow, form: InputForm) -> bool:
    schema, seen = form.cleaned_data["schema"], form.cleaned_data["based_on"]

    def edit(source: str) -> tuple[str, Path]:
        return without_input(source) if schema is ABSENT else set_input(source, schema), ()

    try:
        change(request, flow.ref, edit, lambda now: seen == fingerprint(now))
    except (NotChanged, EditImpossible) as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, "The input is saved.")
    return True
