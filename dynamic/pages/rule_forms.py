"""The rules of an API call as forms: when to try again, and how to get a list in pages."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dynamic.flow.retry import LONGEST_WAIT, MOST_ATTEMPTS, TRANSIENT
from dynamic.flow.statuses import parse_statuses
from dynamic.outbound.paging import MOST_ITEMS, MOST_PAGES, Paging

_CODE = {"spellcheck": "false", "class": "code"}
_ASKS = {"items", "size_parameter", "size", "most_pages", "most_items"}
# What each kind of paging wants to know.
PAGING_FIELDS = {
    "page": {*_ASKS, "parameter", "start"},
    "offset": {*_ASKS, "parameter", "start"},
    "cursor": {*_ASKS, "parameter", "next"},
    "next_link": {*_ASKS, "next"},
    "link_header": _ASKS,
}


def checked_statuses(text: str) -> str:
    """Statuses as they were written. Raises ValidationError."""
    try:
        parse_statuses(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None
    return text


class RetryForm(forms.Form):
    attempts = forms.IntegerField(
        label="Attempts at most",
        min_value=1,
        max_value=MOST_ATTEMPTS,
        initial=1,
        help_text="1 = no retry. No connection and no answer in time are tried again, too.",
    )
    statuses = forms.CharField(
        label="Statuses to try again",
        required=False,
        max_length=200,
        initial=TRANSIENT,
        help_text="Such as 429, 502-504. A Retry-After of the system is heeded.",
    )
    wait = forms.FloatField(
        label="Seconds to wait",
        min_value=0,
        max_value=LONGEST_WAIT,
        initial=0.5,
        help_text="Before the second attempt; twice as long before each one after it.",
    )
    every_method = forms.BooleanField(
        label="Try POST and PATCH again, too",
        required=False,
        help_text="Only where the system takes the same order twice without harm.",
    )

    def __init__(self, data: Any = None, *, rule: dict[str, Any]) -> None:
        super().__init__(data, prefix="retry", initial=rule)

    def clean_statuses(self) -> str:
        return checked_statuses(self.cleaned_data["statuses"])

    def rule(self) -> dict[str, Any]:
        """As `RetryRule.parse` takes it; empty for one attempt."""
        return {} if self.cleaned_data["attempts"] == 1 else self.cleaned_data


class PagingForm(forms.Form):
    """What does not belong to the chosen kind is neither checked nor kept."""

    kind = forms.ChoiceField(
        label="Pages",
        required=False,
        choices=[
            ("", "None: one answer is all"),
            ("page", "A page number: page=1, page=2"),
            ("offset", "An offset: offset=0, offset=100"),
            ("cursor", "A cursor: each answer has the text that gets the next"),
            ("next_link", "A link in the answer to the next page"),
            ("link_header", "A Link header with rel=next (RFC 8288)"),
        ],
        help_text="With pages, the data of the call is the list of the items of all of them.",
    )
    items = forms.CharField(
        label="Items",
        required=False,
        initial="{{ data }}",
        widget=forms.TextInput(attrs=_CODE),
        help_text="Where an answer holds its list, such as {{ data.items }}.",
    )
    next = forms.CharField(
        label="Next page",
        required=False,
        widget=forms.TextInput(attrs=_CODE),
        help_text="Where an answer holds the cursor or the link: {{ data.next }}. Nothing there "
        "ends the list.",
    )
    parameter = forms.CharField(
        label="Parameter",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs=_CODE),
        help_text="What it is called in the query string. Empty: page, offset or cursor.",
    )
    start = forms.IntegerField(
        label="First",
        required=False,
        min_value=0,
        max_value=10**9,
        help_text="The first number. Empty: page 1, offset 0.",
    )
    size_parameter = forms.CharField(
        label="Parameter of the size",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs=_CODE),
        help_text="Such as limit or per_page. Empty: the size is not asked for.",
    )
    size = forms.IntegerField(
        label="Items a page",
        required=False,
        min_value=1,
        max_value=10_000,
        help_text="No more than the system gives: a shorter page is taken for the last one.",
    )
    most_pages = forms.IntegerField(
        label="Pages at most", required=False, min_value=1, max_value=MOST_PAGES, initial=100
    )
    most_items = forms.IntegerField(
        label="Items at most", required=False, min_value=1, max_value=MOST_ITEMS, initial=10_000
    )

    def __init__(self, data: Any = None, *, rule: dict[str, Any]) -> None:
        super().__init__(data, prefix="paging", initial=rule)

    def of_kinds(self) -> list[tuple[forms.BoundField, str]]:
        """Each field but the kind, and the kinds that want it, with blanks between."""
        return [
            (self[name], " ".join(kind for kind, names in PAGING_FIELDS.items() if name in names))
            for name in self.fields
            if name != "kind"
        ]

    def clean(self) -> dict[str, Any]:
        for name in self.fields.keys() - self._wanted():
            self.errors.pop(name, None)
        size_of = self.cleaned_data.get("size_parameter"), self.cleaned_data.get("size")
        if "size" in self._wanted() and not self.errors and bool(size_of[0]) != bool(size_of[1]):
            self.add_error("size", "Write both, the size and its parameter, or neither.")
        elif not self.errors:
            self._parse()
        return self.cleaned_data

    def rule(self) -> dict[str, Any]:
        """As `Paging.parse` takes it; empty for none."""
        kept = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self._wanted() and value not in ("", None)
        }
        return kept if kept.get("kind") else {}

    def _wanted(self) -> set[str]:
        return {"kind", *PAGING_FIELDS.get(self.cleaned_data.get("kind", ""), ())}

    def _parse(self) -> None:
        try:
            Paging.parse(self.rule())
        except ValueError as error:
            found = re.match(r"(\w+)", str(error))
            name = found[1] if found and found[1] in self.fields else "kind"
            self.add_error(name, str(error).removeprefix(f"{name}: "))
