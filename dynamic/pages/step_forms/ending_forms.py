"""The forms of the ends of a flow: `return` and `fail`."""

from typing import Any

from dynamic.pages.step_forms.named_values import NamedValuesField
from dynamic.pages.step_forms.step_form import NotInForm, Step, StepForm, mapping_of, refuse_others
from dynamic.pages.step_forms.worded import MessageField, worded, write_worded
from dynamic.pages.step_forms.written_values import ABSENT, RULE, ValueField, put, show


class ReturnForm(StepForm):
    body = ValueField(
        label="Body", required=False, lines=6, help_text=f"Empty: the answer has none. {RULE}"
    )
    status = ValueField(label="Status", required=False, help_text="Empty: 200.")
    headers = NamedValuesField(
        label="Headers", required=False, help_text="Names such as X-Kind, and their texts."
    )

    def shown(self, step: Step) -> dict[str, Any]:
        parts = _parts(step)
        refuse_others(parts, {"status", "headers", "body"}, "return")
        texts = {key: show(parts[key]) for key in ("status", "body") if key in parts}
        return texts | {"headers": mapping_of(parts, "headers")}

    def filled(self, step: Step) -> None:
        given, parts = self.cleaned_data, _parts(step)
        put(parts, "status", given["status"], 200)
        if given["headers"] is not ABSENT or parts.get("headers") != {}:
            put(parts, "headers", given["headers"])
        put(parts, "body", given["body"])
        step["return"] = parts if parts or step["return"] is not None else None


class FailForm(StepForm):
    message = MessageField(label="Message")
    status = ValueField(label="Status", required=False, help_text="From 400 to 599. Empty: 422.")
    attached = ValueField(label="Data", required=False, lines=4)

    def shown(self, step: Step) -> dict[str, Any]:
        texts = worded(step["fail"], "fail", {"status", "data"})
        return texts | {"attached": texts.get("data", "")}

    def filled(self, step: Step) -> None:
        given = {key: self.cleaned_data[key] for key in ("status", "message")}
        given["data"] = self.cleaned_data["attached"]
        write_worded(step, "fail", given, {"status": 422})


def _parts(step: Step) -> dict[str, Any]:
    value = step["return"]
    if value is not None and not isinstance(value, dict):
        raise NotInForm("return holds no mapping.")
    return dict(value or {})
