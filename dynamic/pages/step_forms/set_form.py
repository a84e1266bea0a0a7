"""The form of a `set` step."""

from typing import Any

from dynamic.pages.step_forms.named_values import NamedValuesField
from dynamic.pages.step_forms.step_form import Step, StepForm, mapping_of
from dynamic.pages.step_forms.written_values import RULE


class SetForm(StepForm):
    variables = NamedValuesField(
        label="Variables",
        help_text=f"Each sees those before it. {RULE}",
        error_messages={"required": "Write one variable at least."},
    )

    def shown(self, step: Step) -> dict[str, Any]:
        return {"variables": mapping_of(step, "set")}

    def filled(self, step: Step) -> None:
        step["set"] = self.cleaned_data["variables"]
