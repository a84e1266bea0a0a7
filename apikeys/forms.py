"""The form that makes a key."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import passwords
from apikeys import tokens
from apikeys.models import Key
from apikeys.models.policy import LONGEST_DAYS

DEFAULT_DAYS = 90


class KeyForm(forms.Form):
    """Token Name, kind, Days and the account password; 0 days wants one confirmation more."""

    name = forms.CharField(
        label="Token Name", max_length=100, help_text="What will use it, such as “ERP, live”."
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=Key.Kind.choices,
        initial=Key.Kind.ACCESS_TOKEN,
        widget=forms.RadioSelect,
        help_text="An access token is 64 characters. Choose JWT only where the caller demands one.",
    )
    days = forms.IntegerField(
        label="Days",
        min_value=0,
        max_value=LONGEST_DAYS,
        initial=DEFAULT_DAYS,
        help_text="How long it works. 0 = never expires.",
    )
    accept_never = forms.BooleanField(
        label="I understand. Make a key that never expires.", required=False
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="Of your account: making a key takes more than an open browser.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    # Chosen when the form is shown, so that sending it twice (a reload, a double click) cannot make
    # two keys: a public id is unique.
    public_id = forms.RegexField(
        rf"\A[0-9A-Za-z]{{{tokens.PUBLIC_ID_LENGTH}}}\Z",
        initial=tokens.new_public_id,
        widget=forms.HiddenInput,
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self.asks_never = self._days_given() == 0
        if not self.asks_never:
            del self.fields["accept_never"]

    def _days_given(self) -> int | None:
        try:
            days: int = self.fields["days"].clean(self.data.get("days"))
        except forms.ValidationError:
            return None
        return days

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.asks_never and not data.get("accept_never"):
            self.add_error(
                "accept_never",
                "A key that never expires works until somebody revokes it. Whoever finds it in a "
                "log or an old backup in ten years can use it. Tick the box to make it all the "
                "same, or give a number of days.",
            )
        # Last, and only for a form that is otherwise right: each try counts for the lock-out.
        if not self.errors:
            self._check_password(data["password"])
        return data

    def _check_password(self, password: str) -> None:
        try:
            if not passwords.confirm(self._request, password):
                self.add_error("password", "This is not the password of your account.")
        except passwords.LockedOut as locked:
            self.add_error("password", str(locked))
