"""The form of a `run` step."""

from typing import Any

from django import forms

from dynamic.pages.step_forms.argument_fields import (
    arguments_field,
    check_arguments,
    shown_arguments,
    whole_field,
    write_arguments,
)
from dynamic.pages.step_forms.step_form import Around, NameField, Step, StepForm, text_of


class RunForm(StepForm):
    flow = forms.ChoiceField(
        label="Flow",
        help_text="In its latest published version.",
        error_messages={"required": "Choose the flow."},
    )
    run = NameField(label="Name of the answer", help_text="Later steps see it as steps.name.")
    arguments = arguments_field()
    whole = whole_field()

    def __init__(self, step: Step, around: Around, data: Any = None) -> None:
        super().__init__(step, around, data)
        others = around.flow.owner.flows.exclude(pk=around.flow.pk).exclude(versions=None)
        offered = others.current().defer("draft")
        names = {flow.slug: f"{flow.name} ({flow.slug})" for flow in offered}
        chosen = str(self["flow"].value() or "")
        if chosen and chosen not in names:
            is_archived = others.archived().filter(slug=chosen).exists()
            names[chosen] = f"{chosen} (is {'archived' if is_archived else 'not published'})"
        fields: dict[str, Any] = self.fields
        fields["flow"].choices = [("", "Choose one"), *names.items()]

    def shown(self, step: Step) -> dict[str, Any]:
        texts = {key: text_of(step, key) for key in ("run", "flow")}
        return texts | shown_arguments(step)

    def clean(self) -> dict[str, Any]:
        check_arguments(self)
        return self.cleaned_data

    def filled(self, step: Step) -> None:
        step["run"], step["flow"] = self.cleaned_data["run"], self.cleaned_data["flow"]
        write_arguments(step, self.cleaned_data)
