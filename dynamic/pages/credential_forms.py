"""The forms of a credential. What it holds goes in and never comes out: no stored value, and no
secret that was just typed, is ever in a page.
"""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dynamic.models import Credential
from dynamic.models.auth_types import AuthType, Entry
from dynamic.pages.retyping import retype, typed

PREFIX = "values"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST = 50  # values of a credential
_KEEP = "Stored. Leave it empty to keep it."


class _SecretInput(forms.PasswordInput):
    """Browsers must not offer the person's own password for it."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password", "spellcheck": "false"})


class CredentialForm(forms.Form):
    """Its name, and where the system itself has no base URL, its own."""

    name = forms.CharField(
        label="Name", max_length=50, help_text="A step of a flow can ask for it by this name."
    )
    base_url = forms.CharField(
        label="Base URL",
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text="What calls with this credential begin with.",
    )

    def __init__(self, credential: Credential, data: Any = None) -> None:
        initial = {"name": credential.name, "base_url": credential.base_url}
        super().__init__(data, initial=initial)
        self._others = credential.system.credentials.exclude(pk=credential.pk)
        if credential.system.base_url:
            del self.fields["base_url"]

    def fill(self, credential: Credential) -> None:
        for name, value in self.cleaned_data.items():
            setattr(credential, name, value)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self._others.filter(name=name).exists():
            raise ValidationError("Another credential of this system has this name.")
        return name


class ValuesForm(forms.Form):
    """What the authentication type asks for; of what is stored, empty fields change nothing."""

    def __init__(
        self, type_: AuthType, data: Any = None, *, stored: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, prefix=PREFIX)
        known = {entry.name for entry in type_.credential}
        self._stored = {name: text for name, text in (stored or {}).items() if name in known}
        self._names = [entry.name for entry in type_.credential]
        for entry in type_.credential:
            has_one = bool(self._stored.get(entry.name))
            self.fields[entry.name] = _value_field(entry, has_one)
            if has_one and not entry.required:
                label = f"Remove the stored {entry.label.lower()}"
                self.fields[f"remove_{entry.name}"] = forms.BooleanField(
                    label=label, required=False
                )

    def values(self) -> dict[str, str]:
        """As `Credential.values` is to hold them."""
        data = self.cleaned_data
        kept = {n: text for n, text in self._stored.items() if not data.get(f"remove_{n}")}
        return kept | {name: data[name] for name in self._names if data[name]}

    def retype(self) -> None:
        retype(self)


def _value_field(entry: Entry, has_one: bool) -> forms.CharField:
    is_secret = entry.kind == "secret"
    widget = _SecretInput() if is_secret else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=entry.label,
        required=entry.required and not has_one,
        max_length=10_000,
        strip=not is_secret,
        widget=widget,
        help_text=" ".join(filter(None, (_KEEP if has_one else "", entry.help))),
    )


class NamedValueForm(forms.Form):
    name = forms.CharField(label="Value name", max_length=50, required=False)
    value = forms.CharField(
        label="Secret value", max_length=10_000, required=False, strip=False, widget=_SecretInput
    )
    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(self, *args: Any, stored: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored = stored
        self.is_stored = self.initial.get("name") in stored
        # A browser that knows the person's own password must offer neither half of it.
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        if self.is_stored:
            self.fields["name"].widget.attrs["readonly"] = True
            self.fields["value"].widget.attrs["placeholder"] = "stored"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name and name not in self._stored and not _NAME.fullmatch(name):
            raise ValidationError("Letters, digits and _ only; no digit first.")
        return name

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        name, value = data.get("name"), data.get("value")
        if data.get("remove"):
            return data
        if value and name == "":
            self.add_error("name", "Give it a name; its value has to be typed again.")
        if name and not value and name not in self._stored:
            self.add_error("value", "Give it a value.")
        return data


_NamedValueFormSet: type[forms.BaseFormSet[NamedValueForm]] = forms.formset_factory(
    NamedValueForm, extra=3, max_num=_MOST, absolute_max=_MOST
)


class NamedValues:
    """Values of any names, as token calls use them: `credential.<name>`."""

    def __init__(self, data: Any = None, *, stored: Mapping[str, str] | None = None) -> None:
        self._stored = dict(stored or {})
        self.forms = self._made(data, list(self._stored))

    def _made(self, data: Any, names: list[str]) -> forms.BaseFormSet[NamedValueForm]:
        return _NamedValueFormSet(
            data,
            prefix=PREFIX,
            initial=[{"name": name} for name in names],
            form_kwargs={"stored": self._stored},
        )

    def retype(self) -> None:
        names = [str(typed(form)["name"]) for form in self.forms]
        self.forms = self._made(None, list(filter(None, names)))

    def is_valid(self) -> bool:
        return self.forms.is_valid()

    def values(self) -> dict[str, str]:
        """As `Credential.values` is to hold them."""
        values = dict(self._stored)
        for row in self.forms.cleaned_data:
            if row.get("remove"):
                values.pop(row["name"], None)
            elif row.get("value"):
                values[row["name"]] = row["value"]
        return values


def value_forms(
    type_: AuthType, data: Any = None, *, stored: Mapping[str, str] | None = None
) -> ValuesForm | NamedValues:
    """The form of what a credential of this type holds; `stored` is what one holds already."""
    if type_.any_values:
        return NamedValues(data, stored=stored)
    return ValuesForm(type_, data, stored=stored)
