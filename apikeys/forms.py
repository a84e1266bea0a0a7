"""The forms of keys. A page puts several together; `confirmed` checks them, the password last."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest

from accounts import passwords
from accounts.models import User
from apikeys import grants, tokens
from apikeys.models import Key, Policy, PolicyRefused
from apikeys.models.key import LONGEST_GRACE
from apikeys.models.policy import LONGEST_DAYS
from apikeys.pipes import callable_pipes, label_of

DEFAULT_DAYS = 90
DEFAULT_GRACE = 24  # hours


def confirmed(parts: Sequence[forms.BaseForm], password: "PasswordForm") -> bool:
    """Whether all is right. A password is tried only for parts that are: each try counts."""
    right = [part.is_valid() for part in parts]
    if not all(right):
        password.is_bound = False
        return False
    return password.is_valid()


class PasswordForm(forms.Form):
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="Of your account: this takes more than an open browser.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            if not passwords.confirm(self._request, password):
                raise forms.ValidationError("This is not the password of your account.")
        except passwords.LockedOut as locked:
            raise forms.ValidationError(str(locked)) from None
        return password


class NameForm(forms.Form):
    name = forms.CharField(
        label="Token Name", max_length=100, help_text="What will use it, such as “ERP, live”."
    )


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label="Kind",
        choices=Key.Kind.choices,
        initial=Key.Kind.ACCESS_TOKEN,
        widget=forms.RadioSelect,
        help_text="An access token is 64 characters. Choose JWT only where the caller demands one.",
    )
    # Chosen when the form is shown, so that sending it twice (a reload, a double click) cannot make
    # two keys: a public id is unique.
    public_id = forms.RegexField(
        rf"\A[0-9A-Za-z]{{{tokens.PUBLIC_ID_LENGTH}}}\Z",
        initial=tokens.new_public_id,
        widget=forms.HiddenInput,
    )


class LifetimeForm(forms.Form):
    """Days that the policy allows; 0 of them wants one confirmation more."""

    days = forms.IntegerField(label="Days", min_value=0, max_value=LONGEST_DAYS)
    accept_never = forms.BooleanField(
        label="I understand. Make a key that never expires.", required=False
    )

    def __init__(self, *args: Any, days: int = DEFAULT_DAYS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._policy = Policy.current()
        field = self.fields["days"]
        field.initial = min(days, self._policy.longest_days)
        field.help_text = "How long it works."
        if self._policy.longest_days < LONGEST_DAYS:
            field.help_text += f" At most {self._policy.longest_days}."
        if self._policy.never_allowed:
            field.help_text += " 0 = never expires."
        elif not days:
            field.initial = min(DEFAULT_DAYS, self._policy.longest_days)
        self.asks_never = self._policy.never_allowed and self._days_given() == 0
        if not self.asks_never:
            del self.fields["accept_never"]

    def _days_given(self) -> int | None:
        try:
            days: int = self.fields["days"].clean(self.data.get("days"))
        except forms.ValidationError:
            return None
        return days

    def clean_days(self) -> int:
        days: int = self.cleaned_data["days"]
        try:
            self._policy.check_days(days)
        except PolicyRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return days

    def clean(self) -> dict[str, Any]:
        if self.asks_never and not self.cleaned_data.get("accept_never"):
            self.add_error(
                "accept_never",
                "A key that never expires works until somebody revokes it. Whoever finds it in a "
                "log or an old backup in ten years can use it. Tick the box to make it all the "
                "same, or give a number of days.",
            )
        return self.cleaned_data


class GraceForm(forms.Form):
    grace_hours = forms.IntegerField(
        label="Grace, in hours",
        min_value=0,
        max_value=LONGEST_GRACE,
        initial=DEFAULT_GRACE,
        help_text=f"How long the old key works on; {LONGEST_GRACE} at most, 0 = it ends at once.",
    )


class GrantsForm(forms.Form):
    """What a key may do: of one, where it is changed. `values` are as `Key` keeps them."""

    which_pipes = forms.ChoiceField(
        label="Pipes",
        choices=[("all", "All pipes that I may call, also later ones"), ("some", "Only these:")],
        widget=forms.RadioSelect,
    )
    pipes = forms.MultipleChoiceField(
        label="Pipes it may call", required=False, widget=forms.CheckboxSelectMultiple
    )
    can_read = forms.BooleanField(label="May read (GET, HEAD)", required=False)
    can_write = forms.BooleanField(label="May write (POST and other methods)", required=False)
    networks = forms.CharField(
        label="Networks",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="It may call from these alone, one a line, such as 203.0.113.0/24 or "
        "2001:db8::/32. Empty: from anywhere.",
    )
    query_allowed = forms.BooleanField(
        label="May stand in the query string",
        required=False,
        help_text="Query strings end up in the logs of proxies: switch it off where the caller "
        "sends a header.",
    )
    calls_per_minute = forms.IntegerField(
        label="Calls a minute",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="More are refused with 429. Empty: no limit.",
    )

    def __init__(self, owner: User, data: Any = None, *, key: Key | None = None) -> None:
        key = key or Key()
        initial = {name: getattr(key, name) for name in Key.GRANTS}
        initial["networks"] = "\n".join(key.networks or [])
        initial["which_pipes"] = "all" if key.pipes is None else "some"
        super().__init__(data, initial=initial)
        self._nowhere = key.networks == []
        granted = key.pipes or []  # an archived one stays granted, and is not offered else
        choices = [
            (pipe.pk, label_of(pipe))
            for pipe in callable_pipes(owner)
            if not pipe.archived_at or pipe.pk in granted
        ]
        self.has_pipes = bool(choices)
        self.fields["pipes"].choices = choices  # type: ignore[attr-defined]
        if self._nowhere:
            self.fields["networks"].help_text += " It may call from nowhere now."
        if not settings.QUERY_CREDENTIALS or not Policy.current().query_allowed:
            self.fields["query_allowed"].disabled = True
            self.fields["query_allowed"].help_text = "This site takes no key from there."

    @property
    def is_open(self) -> bool:
        """Whether there is something to be seen: an error, or anything but the defaults."""
        return bool(self.errors) if self.is_bound else False

    def clean_networks(self) -> list[str] | None:
        try:
            found = grants.networks(self.cleaned_data["networks"].split())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        # Nothing written leaves a key that may call from nowhere as it is: never wider.
        return found or ([] if self._nowhere else None)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("which_pipes") == "some" and data.get("pipes") == []:
            self.add_error("pipes", "Tick the pipes it may call, or choose all.")
        if not data.get("can_read") and not data.get("can_write"):
            self.add_error("can_write", "Let it read or write: with neither it can call nothing.")
        return data

    def values(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in Key.GRANTS}
        if self.cleaned_data["which_pipes"] == "all":
            values["pipes"] = None
        return values


class RequestIdForm(forms.Form):
    request_id = forms.RegexField(
        r"\A\s*[0-9a-f]{32}\s*\Z",
        label="Request-Id",
        error_messages={"invalid": "A Request-Id is 32 characters, of 0-9 and a-f."},
        help_text="From the answer's header Request-Id, or the request_id in its body.",
    )
