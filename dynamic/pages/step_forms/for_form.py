"""The form of a `for` step. The steps that it repeats are edited by themselves."""

from typing import Any

from django import forms

from dynamic.flow.steps.loops import MOST_ITEMS, MOST_PARALLEL
from dynamic.pages.step_forms.step_form import NameField, NotInForm, Step, StepForm, text_of
from dynamic.pages.step_forms.written_values import ABSENT, ValueField, put, show


class ForForm(StepForm):
    source = ValueField(
        label="List",
        help_text="An {{ expression }} that gives a list.",
        error_messages={"required": "Write what gives the list."},
    )
    variable = NameField(label="Name of an item", help_text="The steps inside see it by this name.")
    collect = ValueField(
        label="Collect", required=False, lines=3, help_text="What to keep of each item."
    )
    target = NameField(
        label="Name of what is kept", required=False, help_text="Later steps see it by this name."
    )
    parallel = forms.IntegerField(
        label="Items at once",
        required=False,
        min_value=1,
        max_value=MOST_PARALLEL,
        help_text="Empty: one after the other, each seeing what those before it set.",
    )
    most = forms.IntegerField(
        label="Items at most",
        required=False,
        min_value=1,
        max_value=MOST_ITEMS,
        help_text="Empty: 1,000. A longer list fails the step.",
    )

    def shown(self, step: Step) -> dict[str, Any]:
        numbers = {key: step.get(key) for key in ("parallel", "most")}
        if any(type(value) not in (int, type(None)) for value in numbers.values()):
            raise NotInForm("parallel or most is no whole number.")
        return numbers | {
            "variable": text_of(step, "for"),
            "source": "" if step.get("in") is None else show(step["in"]),
            "collect": show(step["collect"]) if "collect" in step else "",
            "target": text_of(step, "as"),
        }

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        collects = given.get("collect", ABSENT) is not ABSENT
        if not self.errors and collects != bool(given["target"]):
            self.add_error("target" if collects else "collect", "Write both, or neither.")
        return given

    def filled(self, step: Step) -> None:
        given = self.cleaned_data
        step["for"], step["in"] = given["variable"], given["source"]
        put(step, "collect", given["collect"])
        put(step, "as", given["target"] or ABSENT)
        for key, default in (("parallel", 1), ("most", 1000)):
            put(step, key, ABSENT if given[key] is None else given[key], default)
