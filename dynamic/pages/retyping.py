"""Show a form once more as it was filled in, unchecked: its button asked for another row."""

from typing import Any

from django import forms


def typed(form: forms.BaseForm) -> dict[str, Any]:
    """What was typed, by field. Password inputs do not show it, whatever is given to them."""
    return {field.name: field.data for field in form}


def retype(form: forms.BaseForm) -> None:
    form.initial = typed(form)
    form.is_bound = False
