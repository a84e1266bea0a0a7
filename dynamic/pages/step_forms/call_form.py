"""The form of a `call` step."""

from typing import Any

from django import forms

from dynamic.flow.retry import LONGEST_WAIT, MOST_ATTEMPTS
from dynamic.pages.retyping import typed
from dynamic.pages.rule_forms import checked_statuses
from dynamic.pages.step_forms.api_calls import ApiCalls
from dynamic.pages.step_forms.argument_fields import (
    arguments_field,
    check_arguments,
    shown_arguments,
    whole_field,
    write_arguments,
)
from dynamic.pages.step_forms.named_values import rows_text
from dynamic.pages.step_forms.step_form import (
    Around,
    NameField,
    NotInForm,
    Step,
    StepForm,
    free_name,
    mapping_of,
    refuse_others,
    text_of,
)
from dynamic.pages.step_forms.written_values import ABSENT, put

_ON_ERROR = {"fail": "End the flow, with 502", "continue": "Go on"}


class CallForm(StepForm):
    template = "flows/step_call.html"

    api = forms.ChoiceField(
        label="API call",
        error_messages={"required": "Choose the API call."},
    )
    call = NameField(label="Name of the answer", help_text="Later steps see it as steps.name.")
    arguments = arguments_field()
    whole = whole_field()
    credential = forms.ChoiceField(
        label="Credential", required=False, help_text="Of the API call’s system."
    )
    on_error = forms.ChoiceField(
        label="Without a good answer",
        choices=list(_ON_ERROR.items()),
        help_text="Which answers are good, the API call says.",
    )
    attempts = forms.IntegerField(
        label="Attempts at most",
        required=False,
        min_value=1,
        max_value=MOST_ATTEMPTS,
        help_text="Empty: as the API call says.",
    )
    statuses = forms.CharField(
        label="Statuses to try again",
        required=False,
        max_length=200,
        help_text="Such as 429, 502-504, which they are where it is empty.",
    )
    wait = forms.FloatField(
        label="Seconds to wait",
        required=False,
        min_value=0,
        max_value=LONGEST_WAIT,
        help_text="Before the second attempt; twice as long before each one after it.",
    )
    every_method = forms.BooleanField(
        label="Try POST and PATCH again, too",
        required=False,
        help_text="Only where the system takes the same order twice without harm.",
    )

    def __init__(self, step: Step, around: Around, data: Any = None) -> None:
        super().__init__(step, around, data)
        self.calls = ApiCalls(around.flow.owner_id)
        self._choose(str(self["api"].value() or ""), str(self["credential"].value() or ""))

    def _choose(self, api: str, credential: str) -> None:
        """Fill the lists to choose from, with what the step says even if it is not there."""
        fields: dict[str, Any] = self.fields
        fields["api"].choices = self.calls.choices(api)
        fields["credential"].choices = self.calls.credentials(api, credential)

    def shown(self, step: Step) -> dict[str, Any]:
        retry = mapping_of(step, "retry")
        refuse_others(retry, {"attempts", "statuses", "wait", "every_method"}, "retry")
        if step.get("on_error", "fail") not in _ON_ERROR:
            raise NotInForm("on_error is neither fail nor continue.")
        texts = {key: text_of(step, key) for key in ("call", "api", "credential") if key in step}
        return texts | retry | shown_arguments(step) | {"on_error": step.get("on_error", "fail")}

    def clean_statuses(self) -> str:
        text: str = self.cleaned_data["statuses"]
        return checked_statuses(text) if text else text

    def clean(self) -> dict[str, Any]:
        check_arguments(self)
        given = self.cleaned_data
        if any(given.get(key) for key in ("statuses", "wait", "every_method")) and (
            not given.get("attempts") and "attempts" not in self.errors
        ):
            self.add_error("attempts", "Write how many attempts.")
        if not isinstance(given.get("whole", ""), str | type(ABSENT)):
            self.add_error("whole", "Write one {{ expression }} that gives an object.")
        return given

    def filled(self, step: Step) -> None:
        given = self.cleaned_data
        step["call"], step["api"] = given["call"], given["api"]
        write_arguments(step, given)
        put(step, "credential", given["credential"] or ABSENT)
        put(step, "on_error", given["on_error"], "fail")
        retry = dict(step.get("retry", {}))
        put(retry, "attempts", ABSENT if given["attempts"] is None else given["attempts"])
        put(retry, "statuses", given["statuses"] or ABSENT)
        put(retry, "wait", ABSENT if given["wait"] is None else given["wait"])
        put(retry, "every_method", given["every_method"], default=False)
        put(step, "retry", retry if retry or step.get("retry") == {} else ABSENT)

    @property
    def is_only_shown(self) -> bool:
        return "refill" in self.data

    def see(self, names: dict[str, Any]) -> None:
        is_begun = not self.is_bound and not self.was["call"]
        if is_begun or self.is_only_shown:
            self.refill()

    def refill(self) -> None:
        """Show the form as it was typed, or began, with a row for each argument that the chosen
        call uses, and its credentials."""
        shown = typed(self) if self.is_bound else dict(self.initial)
        self._choose(shown["api"], shown.get("credential", ""))
        if not shown["call"] and shown["api"]:
            shown["call"] = free_name(shown["api"].partition("/")[2], self.around.names)
        if "arguments" not in self.errors:
            rows = self.cleaned_data["arguments"] if self.is_bound else shown["arguments"]
            rows = {} if rows is ABSENT else rows
            missing = [name for name in self.calls.arguments(shown["api"]) if name not in rows]
            shown["arguments"] = rows_text({**rows, **dict.fromkeys(missing, ABSENT)})
        self.initial, self.is_bound = shown, False
