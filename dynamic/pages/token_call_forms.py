"""The calls that obtain a dynamic token, as forms: what is stored of one is in `TokenCalls`."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dynamic.models import ApiCall
from dynamic.models.authentication import MOST_TOKEN_CALLS
from dynamic.pages.json_field import JsonField, pretty
from dynamic.pages.retyping import typed
from dynamic.pages.rows_field import RowsField

_BODIES = {"json": "body_json", "form": "body_form", "text": "body_text", "xml": "body_text"}
_COUNT = f"Give 1 to {MOST_TOKEN_CALLS} token calls."


class TokenCallForm(forms.Form):
    name = forms.RegexField(
        r"\A[A-Za-z_][A-Za-z0-9_]*\Z",
        label="Call name",
        max_length=50,
        initial="login",
        error_messages={"invalid": "Letters, digits and _ only; no digit first."},
        help_text="Later calls see its answer as steps.<em>name</em>.data.",
    )
    method = forms.ChoiceField(
        label="Method",
        choices=[(method, method) for method in ApiCall.Method.values],
        initial=ApiCall.Method.POST,
    )
    url = forms.CharField(
        label="URL",
        max_length=1000,
        help_text="Whole, or what comes after the base URL, such as /login.",
    )
    headers = RowsField(label="Headers", required=False)
    query = RowsField(label="Query string", required=False)
    body_kind = forms.ChoiceField(
        label="Body",
        choices=[choice for choice in ApiCall.Body.choices if choice[0] != "multipart"],
        initial="none",
    )
    body_json = JsonField(
        label="JSON",
        help_text="Such as {&quot;user&quot;: &quot;{{ credential.user }}&quot;}.",
    )
    body_form = RowsField(label="Form fields", required=False)
    body_text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "code"}),
    )

    def plain_fields(self) -> list[forms.BoundField]:
        """Those that are not one kind of body."""
        return [field for field in self if field.name not in {*_BODIES.values(), "DELETE"}]

    def of_bodies(self) -> list[tuple[forms.BoundField, str]]:
        """Each field for a body, and the kinds that want it, with blanks between."""
        return [
            (self[name], " ".join(kind for kind, field in _BODIES.items() if field == name))
            for name in dict.fromkeys(_BODIES.values())
        ]

    def clean_body_text(self) -> str:
        text: str = self.cleaned_data["body_text"]
        return text.replace("\r\n", "\n")  # as browsers send it

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("body_kind") != "json":
            self.errors.pop("body_json", None)
        return self.cleaned_data

    def call(self) -> dict[str, Any]:
        """As the system's settings hold it."""
        names = ("name", "method", "url", "headers", "query", "body_kind")
        call = {name: self.cleaned_data[name] for name in names}
        field = _BODIES.get(call["body_kind"])
        return call | {"body": self.cleaned_data[field] if field else None}


def _form_values(number: int, call: Mapping[str, Any]) -> dict[str, Any]:
    """The call as the initial values of its form."""
    body, field = call.get("body"), _BODIES.get(call.get("body_kind", ""))
    shown = {field: pretty(body) if field == "body_json" else body} if field else {}
    return {"name": f"call{number}", **call, **shown}


class _CallForms(forms.BaseFormSet[TokenCallForm]):
    def add_fields(self, form: TokenCallForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Remove this call"

    def clean(self) -> None:
        """Two calls of one name: later ones could not tell their answers apart."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        names = [form.cleaned_data.get("name") for form in kept]
        if len(set(names)) < len(names):
            raise ValidationError("Two token calls have the same name: give each its own.")


_CallFormSet = forms.formset_factory(
    TokenCallForm,
    formset=_CallForms,
    extra=0,
    can_delete=True,
    min_num=1,
    max_num=MOST_TOKEN_CALLS,
    absolute_max=MOST_TOKEN_CALLS,
    validate_min=True,
    validate_max=True,
)


class TokenCallForms:
    """One to ten calls. A button adds one: then the page comes again, with all that was typed."""

    def __init__(self, data: Any, prefix: str, calls: list[Any]) -> None:
        self.most = MOST_TOKEN_CALLS
        self._prefix = prefix
        self.forms = self._made(data, [_form_values(*pair) for pair in enumerate(calls, 1)])

    def _made(self, data: Any, initial: list[dict[str, Any]]) -> forms.BaseFormSet[TokenCallForm]:
        messages = {"too_few_forms": _COUNT, "too_many_forms": _COUNT}
        return _CallFormSet(data, prefix=self._prefix, initial=initial, error_messages=messages)

    def add(self) -> None:
        """One more, beside all that was typed and is still to be checked."""
        so_far = [typed(form) for form in self.forms]
        names = {values["name"] for values in so_far}
        free = (f"call{number}" for number in range(2, MOST_TOKEN_CALLS + 3))
        one_more = {"name": next(name for name in free if name not in names)}
        self.forms = self._made(None, [*so_far, one_more][:MOST_TOKEN_CALLS])

    def is_valid(self) -> bool:
        return self.forms.is_valid()

    def calls(self) -> list[dict[str, Any]]:
        return [form.call() for form in self.forms if form not in self.forms.deleted_forms]
