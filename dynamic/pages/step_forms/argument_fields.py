"""`with` of a call or a run: named values, or one value that gives all of them."""

from typing import Any

from django import forms

from dynamic.pages.step_forms.named_values import NamedValuesField
from dynamic.pages.step_forms.step_form import Step
from dynamic.pages.step_forms.written_values import ABSENT, RULE, ValueField, put, show


def arguments_field() -> NamedValuesField:
    return NamedValuesField(
        label="Arguments",
        required=False,
        leaves_out=True,
        help_text=f"A row without a value is left out. {RULE}",
    )


def whole_field() -> ValueField:
    return ValueField(
        label="Or all of them at once",
        required=False,
        help_text="One value in place of the rows, such as {{ payload }}.",
    )


def shown_arguments(step: Step) -> dict[str, Any]:
    """The initial values of the fields `arguments` and `whole`."""
    given = step.get("with", {})
    if isinstance(given, dict):
        return {"arguments": given, "whole": ""}
    return {"arguments": {}, "whole": show(given)}


def check_arguments(form: forms.Form) -> None:
    rows, whole = (form.cleaned_data.get(name, ABSENT) for name in ("arguments", "whole"))
    if ABSENT not in (rows, whole):
        form.add_error("whole", "Write rows, or one value in their place.")


def write_arguments(step: Step, given: dict[str, Any]) -> None:
    rows, whole = given["arguments"], given["whole"]
    was_empty = step.get("with") == {} and rows is whole is ABSENT
    put(step, "with", {} if was_empty else rows if whole is ABSENT else whole)
