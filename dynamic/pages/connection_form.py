"""What to try a system's connection with."""

from typing import Any

from django import forms

from dynamic.models import Credential, System


class ConnectionForm(forms.Form):
    """A system without credentials, and an authentication without tokens, leave nothing to ask."""

    credential = forms.ModelChoiceField(
        label="Credential", queryset=Credential.objects.none(), empty_label=None
    )
    token = forms.ChoiceField(
        label="Try it",
        choices=[("kept", "With the token it has"), ("fresh", "With a fresh token")],
        initial="kept",
        widget=forms.RadioSelect,
        help_text="A fresh one is obtained first, and kept.",
    )

    def __init__(self, system: System, data: Any = None, *, chosen: str = "") -> None:
        super().__init__(data, initial={"credential": chosen})
        credentials = system.credentials.all()
        if credentials:
            self.fields["credential"].queryset = credentials  # type: ignore[attr-defined]
        else:
            del self.fields["credential"]
        if not system.type.has_token:
            del self.fields["token"]
