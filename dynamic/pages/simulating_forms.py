"""The forms of a simulation: what to run it with, and how to go on."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dynamic.pages.json_field import JsonField, pretty
from dynamic.simulating.mocks import FAULTS
from dynamic.simulating.setup import ANSWER, RECORDED, SAMPLE, STATUSES, Choice, Setup

LONGEST_EDITED = 10_000  # characters of JSON; a longer value is shown only
MOST_EDITED = 100  # values on one page
_LONGEST_BEGINNING = 60  # characters

_MOCKED, _LIVE = "mocks", "live"
_METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE"]
_MOCKS = [
    (SAMPLE, "Its sample response"),
    (RECORDED, "What it answered in the run chosen above"),
    (ANSWER, "An answer of mine"),
    ("Fault", [(status, f"Status {status}") for status in STATUSES]),
    ("No answer", list(zip(FAULTS, ["Not in time", "No connection"], strict=True))),
]


class Untouched:
    """What a value's field cleans to that was emptied: it is left as it is."""


class InputForm(forms.Form):
    payload = JsonField(
        label="Payload",
        required=False,
        lines=8,
        help_text="JSON: what a caller of the pipe sends, and the flow’s expressions see as "
        "payload. Empty for none; then the query on GET.",
    )
    calls = forms.ChoiceField(
        label="How they are made",
        choices=[
            (_MOCKED, "With mocks: nothing leaves this machine, mails neither"),
            (_LIVE, "Live: they are really made, and what they order, change or delete is so"),
        ],
        widget=forms.RadioSelect,
    )


class RequestForm(forms.Form):
    """The rest of a caller's request, which few flows look at."""

    method = forms.ChoiceField(choices=[(name, name) for name in _METHODS])
    query = JsonField(label="Query", required=False, empty={}, lines=3, help_text="A JSON object.")
    headers = JsonField(
        label="Headers",
        required=False,
        empty={},
        lines=3,
        help_text="A JSON object; names in lower case.",
    )

    def clean_query(self) -> dict[str, Any]:
        return _an_object(self.cleaned_data["query"])

    def clean_headers(self) -> dict[str, Any]:
        return _an_object(self.cleaned_data["headers"])


class RecordingForm(forms.Form):
    recording = forms.ChoiceField(
        label="Run to play again",
        required=False,
        help_text="Its calls’ answers, in their order, for the calls below that are to answer so. "
        "Secrets are masked in them, and very long lists and texts cut.",
    )

    def __init__(self, recordings: Sequence[tuple[str, str]], data: Any, chosen: str) -> None:
        super().__init__(data, initial={"recording": chosen})
        field: Any = self.fields["recording"]
        field.choices = [("", "None"), *recordings]


class MockForm(forms.Form):
    """The mock of one API call. Status and body are those of an answer that is typed."""

    kind = forms.ChoiceField(label="Answers", choices=_MOCKS)
    status = forms.IntegerField(label="Status", min_value=100, max_value=599, required=False)
    body = JsonField(label="Body", required=False, lines=4, help_text="JSON.")

    def __init__(self, number: int, api: str, choice: Choice, data: Any) -> None:
        self.api = api
        body = "" if choice.body is None else pretty(choice.body)
        initial = {"kind": choice.kind, "status": choice.status, "body": body}
        super().__init__(data, prefix=f"mock-{number}", initial=initial)

    def choice(self) -> Choice:
        status = self.cleaned_data["status"]
        return Choice(self.cleaned_data["kind"], status or 200, self.cleaned_data["body"])


class SetupForms:
    """All of the above together: what makes a `Setup`."""

    def __init__(
        self,
        apis: Iterable[str],
        recordings: Sequence[tuple[str, str]],
        before: Setup,
        data: Any = None,
    ) -> None:
        payload = "" if before.payload is None else pretty(before.payload)
        calls = _LIVE if before.is_live else _MOCKED
        self.input = InputForm(data, initial={"payload": payload, "calls": calls})
        rest = {"query": pretty(before.query), "headers": pretty(before.headers)}
        self.request = RequestForm(data, initial={"method": before.method, **rest})
        self.recording = RecordingForm(recordings, data, before.recording)
        self.mocks = [
            MockForm(number, api, before.mocks.get(api, Choice()), data)
            for number, api in enumerate(apis)
        ]

    def is_valid(self) -> bool:
        forms = [self.input, self.request, self.recording, *self.mocks]
        right = [form.is_valid() for form in forms]
        if not all(right) or self._is_live() or self.recording.cleaned_data["recording"]:
            return all(right)
        wanting = [mock for mock in self.mocks if mock.cleaned_data["kind"] == RECORDED]
        for mock in wanting:
            mock.add_error("kind", "Choose the run to play again, above.")
        return not wanting

    def setup(self, source: str) -> Setup:
        rest = self.request.cleaned_data
        payload = self.input.cleaned_data["payload"]
        if payload is None and rest["method"] == "GET":
            payload = rest["query"]
        return Setup(
            source=source,
            payload=payload,
            method=rest["method"],
            query=rest["query"],
            headers=rest["headers"],
            is_live=self._is_live(),
            recording=self.recording.cleaned_data["recording"],
            mocks={mock.api: mock.choice() for mock in self.mocks},
        )

    def _is_live(self) -> bool:
        return bool(self.input.cleaned_data["calls"] == _LIVE)


class ValuesForm(forms.Form):
    """The values that the next step sees, each to be edited. `scope` is what the page shows."""

    turn = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, scope: dict[str, Any], turn: int, data: Any = None) -> None:
        super().__init__(data, prefix="value", initial={"turn": turn})
        self._scope = scope
        self.too_long: list[tuple[str, str]] = []
        for name, value in scope.items():
            text = pretty(value)
            if len(text) > LONGEST_EDITED or len(self.fields) > MOST_EDITED:
                self.too_long.append((name, text))
                continue
            lines = min(text.count("\n") + 1, 12)
            field = JsonField(label=name, required=False, empty=Untouched, lines=lines)
            field.initial = text
            self.fields[_field(name)] = field

    def values(self) -> list[tuple[forms.BoundField, str]]:
        """Each value's field, and how it begins."""
        fields = [field for field in self if field.name != "turn"]
        return [(field, _beginning(str(field.initial))) for field in fields]

    def edits(self) -> dict[str, Any]:
        """The values that are not what the page showed, by name."""
        given = {
            name: self.cleaned_data[_field(name)]
            for name in self._scope
            if _field(name) in self.cleaned_data
        }
        return {
            name: value
            for name, value in given.items()
            if value is not Untouched and pretty(value) != pretty(self._scope[name])
        }


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_BEGINNING else f"{line[: _LONGEST_BEGINNING - 1]}…"


def _field(name: str) -> str:
    return f"of-{name}"


def _an_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValidationError('Write an object, such as {"id": "1001"}.')
    return value
