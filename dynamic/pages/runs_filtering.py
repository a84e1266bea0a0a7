"""What a person filters runs by: the form above the list, which the export takes as well."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.http import urlencode

from accounts.models import User
from apikeys.tokens import PUBLIC_ID_LENGTH
from dynamic.models import Pipe, Run
from dynamic.pages.runs_words import WORDS
from dynamic.runs.filters import LONGEST_TEXT, NOT_WELL, Filters

_MOST_KEYS = 200  # the newest; others are found by a link with their id
_STATUSES = [("", "Any"), (NOT_WELL, "All that did not end well")]
_STATUSES += [(status, words.label) for status, words in WORDS.items()]


class FilterForm(forms.Form):
    pipe = forms.ChoiceField(required=False)
    key = forms.ChoiceField(required=False)
    status = forms.ChoiceField(required=False, choices=_STATUSES)
    since = forms.DateTimeField(label="From (UTC)", required=False)
    until = forms.DateTimeField(label="To (UTC)", required=False)
    text = forms.CharField(
        label="Message, run or Request-Id", required=False, max_length=LONGEST_TEXT
    )

    def __init__(self, account: User, data: Any) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        self._account = account
        pipes = Pipe.objects.visible_to(account).select_related("owner").order_by("name")
        self._owners = {pipe.pk: pipe.owner_id for pipe in pipes}
        every = "All of mine" if self.has_shared else "All"
        fields["pipe"].choices = [("", every), *_choices(pipes)]
        keys = account.keys.order_by("-pk").values_list("public_id", "name")[:_MOST_KEYS]
        named = {key: f"{name} ({key})" for key, name in keys}
        asked = data.get("key", "")
        # One that is older, or is not there any more.
        if len(asked) == PUBLIC_ID_LENGTH and asked.isalnum():
            named.setdefault(asked, asked)
        fields["key"].choices = [("", "All"), *named.items()]
        for name in ("since", "until"):
            fields[name].widget = forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
            )

    def filters(self) -> Filters | None:
        """None where what was asked for is not understood: the fields say why."""
        if not self.is_valid():
            return None
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value})

    def runs(self) -> "QuerySet[Run]":
        """Where the filters are valid: all that they leave some of. An index begins with owners."""
        owner = self._owners.get(self.cleaned_data.get("pipe", ""), self._account.pk)
        return Run.objects.filter(owner=owner)

    @property
    def has_shared(self) -> bool:
        return any(owner != self._account.pk for owner in self._owners.values())

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    @property
    def query(self) -> str:
        """The filters that are used, as the query of a link."""
        given = {name: value for name in self.fields if (value := self.data.get(name))}
        return urlencode(given)


def runs_seen_by(account: User) -> "QuerySet[Run]":
    """Each with its pipe: those of all pipes that are the account's or were shared with it."""
    pipes = Pipe.objects.visible_to(account).values("pk")
    return Run.objects.filter(pipe__in=pipes).select_related("pipe")


def _choices(pipes: "QuerySet[Pipe]") -> Iterator[tuple[str, str]]:
    for pipe in pipes:
        yield pipe.pk, pipe.name if pipe.is_own else f"{pipe.name} ({pipe.owner.email})"
