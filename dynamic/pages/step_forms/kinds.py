"""The kinds of steps as the editor offers them: what each is for, how it begins, its form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dynamic.pages.step_forms.call_form import CallForm
from dynamic.pages.step_forms.ending_forms import FailForm, ReturnForm
from dynamic.pages.step_forms.for_form import ForForm
from dynamic.pages.step_forms.if_form import IfForm
from dynamic.pages.step_forms.log_form import LogForm
from dynamic.pages.step_forms.map_form import MapForm
from dynamic.pages.step_forms.notify_form import NotifyForm
from dynamic.pages.step_forms.run_form import RunForm
from dynamic.pages.step_forms.set_form import SetForm
from dynamic.pages.step_forms.sleep_form import SleepForm
from dynamic.pages.step_forms.step_form import Step, StepForm
from dynamic.pages.step_forms.try_form import TryForm


@dataclass(frozen=True, slots=True)
class Kind:
    """`begun` makes a new step, before its form is filled in. Without a form it is done then."""

    name: str  # the word of the document
    title: str
    about: str
    begun: Callable[[], Step]
    form: type[StepForm] | None = None
    in_loop: bool = False  # stands inside a `for` only

    @property
    def has_form(self) -> bool:
        """For templates, which would call the class."""
        return self.form is not None


_ALL = (
    Kind("call", "API call", "Makes an API call of a system and keeps its answer.",
         lambda: {"call": "", "api": ""}, CallForm),
    Kind("set", "Set", "Gives names to values, for later steps.",
         lambda: {"set": {}}, SetForm),
    Kind("map", "Map", "Makes an object, or a list, out of another one by a table of fields.",
         lambda: {"map": "", "from": None, "fields": []}, MapForm),
    Kind("if", "If", "Decides which steps are run.",
         lambda: {"if": None, "then": []}, IfForm),
    Kind("for", "For each", "Runs steps for each item of a list.",
         lambda: {"for": "item", "in": None, "do": []}, ForForm),
    Kind("try", "Try", "Runs other steps where some of these go wrong.",
         lambda: {"try": [], "catch": []}, TryForm),
    Kind("run", "Run a flow", "Runs another flow of yours and keeps its answer.",
         lambda: {"run": "", "flow": ""}, RunForm),
    Kind("return", "Return", "Answers the caller, and ends the flow well.",
         lambda: {"return": None}, ReturnForm),
    Kind("fail", "Fail", "Ends the flow as failed, with a message.",
         lambda: {"fail": ""}, FailForm),
    Kind("log", "Log", "Notes something in the run.",
         lambda: {"log": ""}, LogForm),
    Kind("notify", "Notify", "Sends a mail.",
         lambda: {"notify": ""}, NotifyForm),
    Kind("sleep", "Sleep", "Waits.",
         lambda: {"sleep": None}, SleepForm),
    Kind("continue", "Continue", "Goes on with the next item of the loop around it.",
         lambda: {"continue": None}, in_loop=True),
    Kind("break", "Break", "Ends the loop around it.",
         lambda: {"break": None}, in_loop=True),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _ALL}


def kind_of(step: Any) -> Kind | None:
    """None for what is no step of one kind."""
    found = [key for key in step if key in KINDS] if isinstance(step, dict) else []
    return KINDS[found[0]] if len(found) == 1 else None
