"""What the forms of all kinds of steps have in common."""

import itertools
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from dynamic.models import Flow

Step = dict[str, Any]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class NotInForm(Exception):
    """The step holds something that its form has no place for. The sentence says what."""


@dataclass(frozen=True, slots=True)
class Around:
    """Where a step stands: its flow, and the names that its other calls and runs have."""

    flow: Flow
    names: frozenset[str]


class StepForm(forms.Form):
    """Shows a step and gives it back, `step`, as it is filled in. What the form does not show of it
    stays, and a form that is sent as it was shown gives the step as it was.

    A kind gives `shown` and `filled`, and `template`, where its fields are not just listed. One
    with buttons of its own tells by `is_only_shown` that one of them was pressed.
    """

    template: ClassVar[str] = "flows/step_fields.html"

    def __init__(self, step: Step, around: Around, data: Any = None) -> None:
        super().__init__(data, initial=self.shown(step))
        self.was = step
        self.around = around

    def shown(self, step: Step) -> dict[str, Any]:
        """The fields' initial values. Raises NotInForm."""
        raise NotImplementedError

    def filled(self, step: Step) -> None:
        """Write what was filled in into the step, a copy of the one that was shown."""
        raise NotImplementedError

    @property
    def is_only_shown(self) -> bool:
        """Whether what was sent asks for another look at the form, and not to save it."""
        return False

    def see(self, names: dict[str, Any]) -> None:
        """Before it is shown: take what the step sees, as far as it is known, by name."""

    def step(self) -> Step:
        """After `is_valid`."""
        made = dict(self.was)
        self.filled(made)
        return made


def text_of(step: Step, key: str, default: str = "") -> str:
    """What has to be a text there. Raises NotInForm."""
    value = step.get(key, default)
    if not isinstance(value, str):
        raise NotInForm(f"{key} is no text.")
    return value


def mapping_of(step: Step, key: str) -> dict[str, Any]:
    """What has to be a mapping there, or nothing. Raises NotInForm."""
    value = step.get(key, {})
    if not isinstance(value, dict):
        raise NotInForm(f"{key} is no mapping.")
    return dict(value)


def refuse_others(parts: dict[str, Any], known: set[str], what: str) -> None:
    """Raises NotInForm for a key that the form does not know, and so could not show."""
    if other := sorted(parts.keys() - known):
        raise NotInForm(f"{what} holds {', '.join(map(str, other))}.")


class NameField(forms.CharField):
    """A name that expressions use without quotes."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"spellcheck": "false", "autocapitalize": "none", "class": "code"}
        super().__init__(max_length=100, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        if name and not _NAME.fullmatch(name):
            raise ValidationError("Letters, digits and _ only, and no digit first.")
        return name


def free_name(text: str, taken: frozenset[str]) -> str:
    """A name for an answer, out of a slug, that no other one has."""
    stem = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "answer"
    stem = f"_{stem}" if stem[0].isdigit() else stem
    numbered = (f"{stem}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([stem], numbered) if name not in taken)
