"""All forms of an API call's page together: filled from a call, checked, and saved to it."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from dynamic.models import ApiCall
from dynamic.pages.call_forms import BODY_FIELDS, AboutForm, AnswerForm, MoreForm, RequestForm
from dynamic.pages.rule_forms import PagingForm, RetryForm


class CallEditor:
    """`call` itself stays as it was, to be shown; what is saved is a copy of it."""

    def __init__(self, call: ApiCall, data: Any = None) -> None:
        self.call = call
        self.about = AboutForm(call, data)
        self.request = RequestForm(call, data)
        self.answer = AnswerForm(call, data)
        self.paging = PagingForm(data, rule=call.paging)
        self.more = MoreForm(call, data)
        self.retry = RetryForm(data, rule=call.retry)

    @property
    def parts(self) -> list[forms.Form]:
        return [self.about, self.request, self.answer, self.paging, self.more, self.retry]

    def save(self) -> ApiCall | None:
        """The saved call; None where something is wrong, which then stands at its field."""
        right = [part.is_valid() for part in self.parts]  # each, so that each tells its faults
        if not all(right):
            return None
        edited = copy(self.call)
        for name, value in self._values().items():
            setattr(edited, name, value)
        try:
            edited.full_clean()
            with transaction.atomic():
                edited.save()
        except ValidationError as error:
            self._tell(error.message_dict)
            return None
        except IntegrityError:
            self.about.add_error("slug", "Another call took this slug just now.")
            return None
        return edited

    @property
    def failed(self) -> bool:
        return any(part.errors for part in self.parts)

    @property
    def answer_failed(self) -> bool:
        return bool(self.answer.errors or self.paging.errors)

    @property
    def more_failed(self) -> bool:
        return bool(self.more.errors or self.retry.errors)

    def _values(self) -> dict[str, Any]:
        return (
            self.about.cleaned_data
            | self.request.values()
            | self.answer.cleaned_data
            | self.more.cleaned_data
            | {"retry": self.retry.rule(), "paging": self.paging.rule()}
        )

    def _tell(self, faults: dict[str, list[str]]) -> None:
        body = BODY_FIELDS.get(self.request.cleaned_data["body_kind"], "body_kind")
        elsewhere: dict[str, tuple[forms.Form, str]] = {
            "body": (self.request, body),
            "retry": (self.retry, "attempts"),
            "paging": (self.paging, "kind"),
        }
        for name, messages in faults.items():
            own = next((part for part in self.parts if name in part.fields), None)
            form, field = (own, name) if own else elsewhere.get(name, (self.about, None))
            form.add_error(field, messages)
