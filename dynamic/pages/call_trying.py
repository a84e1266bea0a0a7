"""Trying an API call from its page, and keeping what was sent and answered as its samples."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from dynamic.models import ApiCall
from dynamic.pages.calls import call_of
from dynamic.pages.connection_form import ConnectionForm
from dynamic.pages.json_field import JsonField, pretty
from dynamic.pages.trial_text import trial_page
from dynamic.systems.trying import try_call

LARGEST_SAMPLE = 256 * 1024  # characters of JSON


class ArgumentsForm(forms.Form):
    arguments = JsonField(
        label="Arguments",
        required=False,
        empty={},
        help_text="What the call’s expressions see, as a JSON object.",
    )

    def __init__(self, call: ApiCall, data: Any = None) -> None:
        super().__init__(data, initial={"arguments": pretty(call.sample_arguments)})

    def clean_arguments(self) -> dict[str, Any]:
        return _an_object(self.cleaned_data["arguments"])


class SampleForm(forms.Form):
    """What the page of a trial sends back to be kept; `keep` says which of the two."""

    keep = forms.ChoiceField(choices=[("arguments", "arguments"), ("response", "response")])
    arguments = JsonField(required=False, max_length=LARGEST_SAMPLE, empty={})
    response = JsonField(required=False, max_length=LARGEST_SAMPLE)

    def clean_arguments(self) -> dict[str, Any]:
        return _an_object(self.cleaned_data["arguments"])


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def call_test(request: SignedInRequest, ref: str, call_slug: str) -> HttpResponse:
    call = call_of(request, ref, call_slug)
    data = request.POST if request.method == "POST" else None
    arguments, connection = ArgumentsForm(call, data), ConnectionForm(call.system, data)
    page = {"system": call.system, "call": call, "forms": [arguments, connection]}
    right = [form.is_valid() for form in (arguments, connection)]
    if all(right):
        given = arguments.cleaned_data["arguments"]
        trial = try_call(
            call,
            connection.cleaned_data.get("credential"),
            given,
            fresh_token=connection.cleaned_data.get("token") == "fresh",
        )
        data = (trial.response or {}).get("data")
        page |= trial_page(trial)
        page |= {"kept_arguments": _sample(given), "kept_response": _sample(data)}
    return render(request, "systems/call_test.html", page)


@login_required
@require_POST
def call_sample(request: SignedInRequest, ref: str, call_slug: str) -> HttpResponse:
    call, form = call_of(request, ref, call_slug), SampleForm(request.POST)
    if form.is_valid():
        field = f"sample_{form.cleaned_data['keep']}"
        setattr(call, field, form.cleaned_data[form.cleaned_data["keep"]])
        call.save(update_fields=[field])
        messages.success(request, f"The {form.cleaned_data['keep']} is kept as a sample.")
    else:
        faults = " ".join(str(fault) for field in form.errors.values() for fault in field)
        messages.error(request, f"The sample cannot be kept. {faults}")
    return redirect("systems:call_test", ref, call_slug)


def _an_object(arguments: Any) -> dict[str, Any]:
    if not isinstance(arguments, dict):
        raise forms.ValidationError('Write an object, such as {"id": 1001}.')
    return arguments


def _sample(value: Any) -> str:
    """As the page sends it back; empty where there is nothing to keep, or too much."""
    text = pretty(value)
    return "" if value is None or len(text) > LARGEST_SAMPLE else text
