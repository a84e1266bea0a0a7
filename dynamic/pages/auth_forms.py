"""The settings of a system's authentication as a form, made from the table in `auth_types`."""

from collections.abc import Mapping
from typing import Any

from django import forms

from dynamic.models.auth_types import AuthType, Entry
from dynamic.pages.retyping import retype
from dynamic.pages.rows_field import RowsField
from dynamic.pages.token_call_forms import TokenCallForms

PREFIX = "auth"


class AuthForm(forms.Form):
    """`settings` are what `System.auth` holds; token calls are forms of their own, in `calls`."""

    def __init__(
        self, type_: AuthType, data: Any = None, *, settings: Mapping[str, Any] | None = None
    ) -> None:
        known = {entry.name: entry.initial for entry in type_.settings} | dict(settings or {})
        super().__init__(data, prefix=PREFIX, initial=known)
        self.calls: TokenCallForms | None = None
        for entry in type_.settings:
            if entry.kind == "calls":
                prefix = self.add_prefix(entry.name)
                self.calls = TokenCallForms(data, prefix, list(known[entry.name]))
            else:
                self.fields[entry.name] = _field(entry)

    def add_call(self) -> None:
        """Show one token call more, beside all that was typed; nothing of it is checked yet."""
        retype(self)
        if self.calls:
            self.calls.add()

    def is_valid(self) -> bool:
        right = [super().is_valid(), self.calls is None or self.calls.is_valid()]
        return all(right)

    def settings(self) -> dict[str, Any]:
        """As `System.auth` is to hold them."""
        return self.cleaned_data | ({"calls": self.calls.calls()} if self.calls else {})


def _field(entry: Entry) -> forms.Field:
    common: dict[str, Any] = {
        "label": entry.label,
        "required": entry.required,
        "help_text": entry.help,
    }
    match entry.kind:
        case "rows":
            return RowsField(**common)
        case "choice":
            return forms.ChoiceField(choices=entry.choices, widget=forms.RadioSelect, **common)
    # What is put before a key ends in a blank more often than not.
    return forms.CharField(max_length=2000, strip=entry.name != "prefix", **common)
