"""The form of an `if` step: its conditions. The steps of its branches are edited by themselves."""

from typing import Any

from django import forms

from dynamic.pages.step_forms.step_form import Around, NotInForm, Step, StepForm
from dynamic.pages.step_forms.written_values import ABSENT, ValueField, show

_HELP = "An {{ expression }}. Nothing, null, 0, an empty text or object count as false."


class IfForm(StepForm):
    condition = ValueField(
        label="If", help_text=_HELP, error_messages={"required": "Write the condition."}
    )
    another = ValueField(
        label="Another else if",
        required=False,
        help_text="A condition to look at where none of those above is true.",
    )

    def __init__(self, step: Step, around: Around, data: Any = None) -> None:
        super().__init__(step, around, data)
        for index in range(len(_others(step))):
            self.fields[f"elif_{index}"] = ValueField(label="Else if", help_text="")
            self.fields[f"remove_{index}"] = forms.BooleanField(
                label="Remove this branch, with its steps", required=False
            )
        self.order_fields(["condition", *(name for name in self.fields if "_" in name)])

    def shown(self, step: Step) -> dict[str, Any]:
        others = {f"elif_{i}": _shown(item.get("if")) for i, item in enumerate(_others(step))}
        return {"condition": _shown(step.get("if")), **others}

    def clean(self) -> dict[str, Any]:
        for name in list(self.errors):  # what is removed may be wrong
            if self.cleaned_data.get(name.replace("elif", "remove")):
                del self.errors[name]
        return self.cleaned_data

    def filled(self, step: Step) -> None:
        given = self.cleaned_data
        step["if"] = given["condition"]
        kept = [
            {**item, "if": given[f"elif_{index}"]}
            for index, item in enumerate(_others(step))
            if not given[f"remove_{index}"]
        ]
        if given["another"] is not ABSENT:
            kept.append({"if": given["another"], "then": []})
        if kept or step.get("elif") == []:
            _write_before_else(step, kept)
        else:
            step.pop("elif", None)


def _write_before_else(step: Step, others: list[dict[str, Any]]) -> None:
    if "elif" not in step and "else" in step:
        step["elif"], step["else"] = others, step.pop("else")
    else:
        step["elif"] = others


def _others(step: Step) -> list[dict[str, Any]]:
    others = step.get("elif", [])
    if not isinstance(others, list) or not all(isinstance(item, dict) for item in others):
        raise NotInForm("elif is no list of mappings.")
    return others


def _shown(condition: Any) -> str:
    return "" if condition is None else show(condition)
