"""The forms of a flow: making one, its draft, publishing it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts.models import User
from dynamic.flow.document import MAX_BYTES
from dynamic.importing.slugs import Slugs
from dynamic.models import Flow
from dynamic.models.checking import refuse_words
from dynamic.models.flow import NOT_FOR_SLUGS
from dynamic.systems.drafts import fingerprint

STARTER = """\
# What this flow does. It runs when a pipe that runs it is called.
version: 1
steps:
  - return:
      body:
        hello: "{{ payload.name }}"
"""


class DocumentField(forms.CharField):
    """A flow's document, kept as it was typed: neither stripped nor checked for whether it runs."""

    def __init__(self) -> None:
        attrs = {"rows": 24, "spellcheck": "false", "class": "code", "wrap": "off"}
        super().__init__(
            label="Source",
            strip=False,
            max_length=MAX_BYTES,
            error_messages={"required": "Write the flow’s document."},
            widget=forms.Textarea(attrs=attrs),
            help_text="YAML or JSON. Comments are kept.",
        )
        del self.widget.attrs["maxlength"]  # a browser would cut what is pasted, and say nothing

    def to_python(self, value: Any) -> str:
        # Browsers send each end of a line as two characters (HTML, 4.10.21.4).
        return str(super().to_python(value)).replace("\r\n", "\n")


class NewFlowForm(forms.Form):
    """A slug that is left empty comes from the name."""

    name = forms.CharField(label="Name", max_length=100, help_text="Such as “Order with stock”.")
    slug = forms.SlugField(
        label="Slug",
        max_length=50,
        required=False,
        help_text="What other flows run it by; it stays. Empty: made from the name.",
    )
    draft = DocumentField()

    def __init__(self, owner: User, data: Any = None) -> None:
        super().__init__(data, initial={"name": "New flow", "draft": STARTER})
        self._owner = owner

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if not slug and "name" in self.cleaned_data:
            return self._free_slug(slugify(self.cleaned_data["name"]))
        try:
            refuse_words(slug, NOT_FOR_SLUGS)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if other := self._owner.flows.filter(slug=slug).first():
            archived = " It is archived." if other.archived_at else ""
            raise ValidationError(f"Your flow “{other}” has this slug.{archived}")
        return slug

    def _free_slug(self, text: str) -> str:
        if not text:
            raise ValidationError("Write one: letters a to z, digits, - and _.")
        slugs = Slugs()
        for taken in (*NOT_FOR_SLUGS, *self._owner.flows.values_list("slug", flat=True)):
            slugs.make(taken)
        return slugs.make(text)


class DraftForm(forms.Form):
    """`based_on` is the fingerprint of the flow that the page showed."""

    name = forms.CharField(label="Name", max_length=100)
    draft = DocumentField()
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, flow: Flow, data: Any = None) -> None:
        initial = {"name": flow.name, "draft": flow.draft, "based_on": fingerprint(flow)}
        super().__init__(data, initial=initial)


class PublishForm(forms.Form):
    note = forms.CharField(
        label="Note",
        max_length=200,
        required=False,
        help_text="What is new in it, for the history.",
    )
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)
