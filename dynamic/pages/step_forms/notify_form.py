"""The form of a `notify` step."""

from typing import Any

from django import forms

from dynamic.pages.step_forms.step_form import NotInForm, Step, StepForm, mapping_of, text_of
from dynamic.pages.step_forms.worded import MessageField, worded, write_worded
from dynamic.pages.step_forms.written_values import ABSENT


class NotifyForm(StepForm):
    to = forms.CharField(
        label="To",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "code value"}),
        help_text="Mail addresses, one a line. Empty: to you, who own the flow.",
    )
    subject = MessageField(
        label="Subject", required=False, lines=1, help_text="Empty: the message’s first line."
    )
    message = MessageField(label="Message", lines=5)

    def shown(self, step: Step) -> dict[str, Any]:
        texts = worded(step["notify"], "notify", {"to", "subject"})
        parts = _parts(step)
        to = parts.get("to", "")
        lines = [to] if isinstance(to, str) else to
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise NotInForm("to is neither an address nor a list of them.")
        return texts | {"to": "\n".join(lines), "subject": text_of(parts, "subject")}

    def filled(self, step: Step) -> None:
        given, parts = dict(self.cleaned_data), _parts(step)
        lines = [line.strip() for line in given["to"].splitlines() if line.strip()]
        if not lines:
            given["to"] = parts["to"] if parts.get("to") in ("", []) else ABSENT
        elif len(lines) == 1 and not isinstance(parts.get("to"), list):
            given["to"] = lines[0]
        else:
            given["to"] = lines
        if not given["subject"] and parts.get("subject") != "":
            given["subject"] = ABSENT
        write_worded(step, "notify", given, {})


def _parts(step: Step) -> dict[str, Any]:
    return mapping_of(step, "notify") if isinstance(step["notify"], dict) else {}
