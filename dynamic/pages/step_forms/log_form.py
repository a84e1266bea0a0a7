"""The form of a `log` step."""

from typing import Any

from django import forms

from dynamic.pages.step_forms.step_form import Step, StepForm
from dynamic.pages.step_forms.worded import MessageField, worded, write_worded
from dynamic.pages.step_forms.written_values import ValueField


class LogForm(StepForm):
    message = MessageField(label="Message")
    level = forms.ChoiceField(
        label="Level", choices=[("detail", "Detail"), ("error", "Error")], initial="detail"
    )
    attached = ValueField(label="Data", required=False, lines=3)

    def shown(self, step: Step) -> dict[str, Any]:
        texts = worded(step["log"], "log", {"level", "data"})
        return texts | {"attached": texts.get("data", "")}

    def filled(self, step: Step) -> None:
        given = {key: self.cleaned_data[key] for key in ("level", "message")}
        given["data"] = self.cleaned_data["attached"]
        write_worded(step, "log", given, {"level": "detail"})
