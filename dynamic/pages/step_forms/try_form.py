"""The form of a `try` step. Its steps are edited by themselves."""

from typing import Any

from dynamic.pages.step_forms.step_form import NameField, Step, StepForm, text_of
from dynamic.pages.step_forms.written_values import put


class TryForm(StepForm):
    variable = NameField(
        label="Name of what went wrong",
        help_text="The steps after it see {message, step, status, data} by this name.",
    )

    def shown(self, step: Step) -> dict[str, Any]:
        return {"variable": text_of(step, "as", "error")}

    def filled(self, step: Step) -> None:
        put(step, "as", self.cleaned_data["variable"], "error")
