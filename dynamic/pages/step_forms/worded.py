"""What is a text alone, or a mapping with a `message` and more: `log`, `fail` and `notify`."""

from typing import Any

from django import forms

from dynamic.pages.step_forms.step_form import NotInForm, Step, refuse_others, text_of
from dynamic.pages.step_forms.written_values import ABSENT, put, show


class MessageField(forms.CharField):
    """A text that stays as it is typed, with `{{ expressions }}` in it."""

    def __init__(self, *, lines: int = 2, **kwargs: Any) -> None:
        attrs = {"rows": lines, "spellcheck": "false", "class": "code value"}
        super().__init__(strip=False, widget=forms.Textarea(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def worded(value: Any, what: str, others: set[str]) -> dict[str, Any]:
    """The initial values of a form with a `message` and the others. Raises NotInForm."""
    parts = {"message": value} if isinstance(value, str) else value
    if not isinstance(parts, dict):
        raise NotInForm(f"{what} is neither a text nor a mapping.")
    refuse_others(parts, {"message", *others}, what)
    shown = {key: show(held) for key, held in parts.items() if key != "message"}
    return shown | {"message": text_of(parts, "message")}


def write_worded(step: Step, key: str, given: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Write the form's values: as a text alone where that was one and there is nothing else."""
    was = step.get(key)
    parts = dict(was) if isinstance(was, dict) else {}
    for name, value in given.items():
        put(parts, name, value, defaults.get(name, ABSENT))
    step[key] = parts["message"] if not isinstance(was, dict) and len(parts) == 1 else parts
