"""The forms of an API call, one for each part of its page."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from dynamic.importing.slugs import Slugs
from dynamic.models import ApiCall
from dynamic.models.call import NOT_FOR_SLUGS
from dynamic.pages.json_field import JsonField, pretty
from dynamic.pages.rows_field import RowsField
from dynamic.pages.rule_forms import checked_statuses
from dynamic.systems.mentions import flows_that_make

# The field that holds a body of each kind.
BODY_FIELDS = {
    "json": "body_json",
    "form": "body_form",
    "multipart": "body_files",
    "text": "body_text",
    "xml": "body_text",
}


def free_slug(call: ApiCall, text: str) -> str:
    """A slug for this text that no call of the system has."""
    slugs = Slugs()
    others = call.system.calls.exclude(pk=call.pk).values_list("slug", flat=True)
    for taken in (*NOT_FOR_SLUGS, *others):
        slugs.make(taken)
    return slugs.make(text)


class AboutForm(forms.Form):
    MODEL_FIELDS: ClassVar = ("name", "slug", "description", "active")

    name = forms.CharField(label="Name", max_length=100, help_text="Such as “Get an order”.")
    slug = forms.SlugField(
        label="Slug",
        max_length=50,
        required=False,
        help_text="What flows call it, after the system’s. Empty: made from the name.",
    )
    description = forms.CharField(
        label="Description",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    active = forms.BooleanField(
        label="Active", required=False, help_text="A flow cannot make a call that is off."
    )

    def __init__(self, call: ApiCall, data: Any = None) -> None:
        initial = {name: getattr(call, name) for name in self.MODEL_FIELDS}
        super().__init__(data, initial=initial)
        self._call = call

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        call = self._call
        if slug == call.slug and call.pk:
            return slug
        if call.pk and (flows := flows_that_make(call)):
            names = ", ".join(f"“{flow}”" for flow in flows)
            raise ValidationError(
                f"Flows name it {call.full_name}: {names}. Copy the call, give the copy the new "
                "slug, and let the flows call that."
            )
        if not slug:
            return free_slug(call, self.cleaned_data.get("name", ""))
        if other := call.system.calls.exclude(pk=call.pk).filter(slug=slug).first():
            raise ValidationError(f"The call “{other.name}” of this system has this slug.")
        return slug


class RequestForm(forms.Form):
    """What is sent. Bodies of other kinds than the chosen one are neither checked nor kept."""

    MODEL_FIELDS: ClassVar = ("method", "path", "query", "headers", "body_kind")

    method = forms.ChoiceField(label="Method", choices=ApiCall.Method.choices)
    path = forms.CharField(
        label="Relative URL",
        max_length=1000,
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "class": "code"}),
        help_text="After the base URL, such as /orders/{{ id }}. Each {{ … }} is an expression "
        "over the arguments: what the flow’s step gives as its “with”.",
    )
    query = RowsField(
        label="Params",
        required=False,
        help_text="To the query string. A value that is null leaves its row out; a list repeats "
        "its key.",
    )
    headers = RowsField(label="Headers", required=False)
    body_kind = forms.ChoiceField(label="Body", choices=ApiCall.Body.choices)
    body_json = JsonField(
        label="JSON",
        lines=10,
        help_text='Texts in it may hold expressions: {"id": "{{ id }}"} sends a number as a '
        "number.",
    )
    body_form = RowsField(label="Form fields", required=False)
    body_files = RowsField(
        label="Parts",
        files=True,
        required=False,
        help_text="A part with a file name is a file.",
    )
    body_text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text="In XML, what an expression gives is escaped.",
    )
    sample_arguments = JsonField(
        label="Sample arguments",
        required=False,
        empty={},
        lines=3,
        help_text='A JSON object to try the call with, such as {"id": 1001}.',
    )

    def __init__(self, call: ApiCall, data: Any = None) -> None:
        initial = {name: getattr(call, name) for name in self.MODEL_FIELDS}
        if field := BODY_FIELDS.get(call.body_kind):
            initial[field] = pretty(call.body) if call.body_kind == "json" else call.body
        initial["sample_arguments"] = pretty(call.sample_arguments) if call.sample_arguments else ""
        super().__init__(data, initial=initial)

    def of_bodies(self) -> list[tuple[forms.BoundField, str]]:
        """Each field for a body, and the kinds that want it, with blanks between."""
        return [
            (self[name], " ".join(kind for kind, field in BODY_FIELDS.items() if field == name))
            for name in dict.fromkeys(BODY_FIELDS.values())
        ]

    def clean_body_text(self) -> str:
        text: str = self.cleaned_data["body_text"]
        return text.replace("\r\n", "\n")  # as browsers send it

    def clean(self) -> dict[str, Any]:
        chosen = BODY_FIELDS.get(self.cleaned_data.get("body_kind", ""))
        for name in set(BODY_FIELDS.values()) - {chosen}:
            self.errors.pop(name, None)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """By the model's fields."""
        kept = {name: self.cleaned_data[name] for name in self.MODEL_FIELDS}
        kept["sample_arguments"] = self.cleaned_data["sample_arguments"]
        field = BODY_FIELDS.get(kept["body_kind"])
        return kept | {"body": self.cleaned_data[field] if field else None}


class AnswerForm(forms.Form):
    fine_statuses = forms.CharField(
        label="Fine statuses",
        max_length=200,
        help_text="Answers that mean success, such as 200-299, 404.",
    )
    sample_response = JsonField(
        label="Sample response",
        required=False,
        lines=8,
        help_text="The data that it may answer with, as JSON: for people, and for trying flows.",
    )

    def __init__(self, call: ApiCall, data: Any = None) -> None:
        sample = "" if call.sample_response is None else pretty(call.sample_response)
        initial = {"fine_statuses": call.fine_statuses, "sample_response": sample}
        super().__init__(data, initial=initial)

    def clean_fine_statuses(self) -> str:
        return checked_statuses(self.cleaned_data["fine_statuses"])


class MoreForm(forms.Form):
    MODEL_FIELDS: ClassVar = (
        "skip_auth",
        "connect_timeout",
        "read_timeout",
        "follow_redirects",
    )

    skip_auth = forms.BooleanField(
        label="Skip authentication",
        required=False,
        help_text="The call carries nothing of the system’s credential.",
    )
    connect_timeout = forms.IntegerField(
        label="Connect timeout", required=False, min_value=1, max_value=9999
    )
    read_timeout = forms.IntegerField(
        label="Read timeout", required=False, min_value=1, max_value=9999
    )
    follow_redirects = forms.BooleanField(
        label="Follow redirects",
        required=False,
        help_text="At most 5; the credential stays with the system’s own host.",
    )

    def __init__(self, call: ApiCall, data: Any = None) -> None:
        super().__init__(data, initial={name: getattr(call, name) for name in self.MODEL_FIELDS})
        for name in ("connect_timeout", "read_timeout"):
            seconds = getattr(call.system, name)
            self.fields[name].help_text = f"Seconds. Empty: the system’s, {seconds}."
