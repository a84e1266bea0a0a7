"""The form that takes a source of API calls: pasted, or as a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dynamic.importing.parsing import MAX_BYTES
from dynamic.importing.proposal import SourceInvalid
from dynamic.importing.reading import detect, read
from dynamic.models import System
from dynamic.models.credential import base_url_of, default_credential

# Django takes 2.5 MB of a form's fields, to which files do not count.
LONGEST_PASTED = 500_000


class SourceForm(forms.Form):
    """`cleaned_data["proposal"]` is what the source comes to."""

    text = forms.CharField(
        label="Source",
        required=False,
        strip=False,
        max_length=LONGEST_PASTED,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "code"}),
        help_text="A curl command, an OpenAPI 3 document (JSON or YAML) or a Postman collection "
        "(v2.1).",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        help_text=f"At most {MAX_BYTES // 2**20} MiB; a text longer than "
        f"{LONGEST_PASTED:,} characters must be one.",
    )
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[
            ("", "As it looks"),
            ("curl", "curl"),
            ("openapi", "OpenAPI 3"),
            ("postman", "Postman collection"),
        ],
    )

    def __init__(self, system: System, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        # With it a browser would cut off what is pasted, and say nothing.
        del self.fields["text"].widget.attrs["maxlength"]
        credential = default_credential(system)
        # Where each credential has its own, paths are made for the default one's.
        self.base_url = base_url_of(system, credential)

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MAX_BYTES:
            raise ValidationError(f"It is larger than {MAX_BYTES // 2**20} MiB.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError("It is no text in UTF-8.") from None
        return text

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.errors:
            return data
        field = "file" if data["file"] else "text"
        text = data[field]
        if not text.strip():
            self.add_error("text", "Paste something, or choose a file.")
            return data
        try:
            kind = data["kind"] or detect(text)
            data["proposal"] = read(kind, text, base_url=self.base_url)
        except SourceInvalid as error:
            self.add_error(field, str(error))
        return data
