"""The credentials of a system: what they hold can be replaced, never seen."""

from typing import Any

from django import forms
from django.contrib import admin

from dynamic.models import Credential, System


class Unshown(forms.Textarea):
    """What was typed is not sent back, as with a password."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class CredentialForm(forms.ModelForm[Credential]):
    values = forms.JSONField(
        label="New values",
        required=False,
        widget=Unshown(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text='An object of texts, such as {"username": "…", "secret": "…"}, in place of all '
        "that is stored. Never shown again. Leave it empty to keep what is stored.",
    )
    as_default = forms.BooleanField(label="Make it the default", required=False)

    class Meta:
        model = Credential
        fields = ["name", "base_url"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("values", None)

    def clean_values(self) -> dict[str, str]:
        values = self.cleaned_data["values"]
        if values in self.fields["values"].empty_values:
            kept: dict[str, str] = self.instance.values
            return kept
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise forms.ValidationError("Write an object of texts.")
        return values

    def save(self, commit: bool = True) -> Credential:
        if self.instance._state.adding:
            self.instance.is_default = False
        credential = super().save(commit)
        if commit and (self.cleaned_data["as_default"] or _is_only(credential)):
            credential.make_default()
        return credential


def _is_only(credential: Credential) -> bool:
    return not credential.system.credentials.exclude(pk=credential.pk).exists()


class CredentialInline(admin.StackedInline[Credential, System]):
    model = Credential
    form = CredentialForm
    fields = ["name", "is_default", "as_default", "base_url", "held", "values"]
    readonly_fields = ["is_default", "held"]
    extra = 0

    @admin.display(description="holds")
    def held(self, credential: Credential) -> str:
        return ", ".join(sorted(credential.values)) or "nothing"
