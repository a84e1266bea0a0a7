"""The form of a `sleep` step."""

from typing import Any

from dynamic.pages.step_forms.step_form import Step, StepForm
from dynamic.pages.step_forms.written_values import ValueField, show


class SleepForm(StepForm):
    seconds = ValueField(
        label="Seconds",
        help_text="A number, or an {{ expression }} that gives one. It counts against the deadline "
        "of the run.",
        error_messages={"required": "Write how long to wait."},
    )

    def shown(self, step: Step) -> dict[str, Any]:
        return {"seconds": "" if step["sleep"] is None else show(step["sleep"])}

    def filled(self, step: Step) -> None:
        step["sleep"] = self.cleaned_data["seconds"]
