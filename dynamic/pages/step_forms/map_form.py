"""The form of a `map` step: the table, a preview of what it makes, the same as JSONata."""

from typing import Any

from dynamic.flow.checking import Checking
from dynamic.flow.document import Document
from dynamic.flow.expressions import MISSING, compile_template
from dynamic.flow.mapping.compiling import as_set
from dynamic.flow.mapping.written_values import whole_expression
from dynamic.flow.problems import ExpressionInvalid, StepFailed
from dynamic.flow.steps.mapping import Map
from dynamic.flow.steps.parsing import parse_steps
from dynamic.pages.json_field import JsonField, pretty
from dynamic.pages.step_forms.map_fields import MapFieldsField, fields_text, in_rows
from dynamic.pages.step_forms.step_form import NameField, NotInForm, Step, StepForm, text_of
from dynamic.pages.step_forms.written_values import ValueField, show

MOST_SAMPLE = 100_000  # characters
_SHOWN_ITEMS = 3  # of a list, as the sample
_WHOLE = "{{ payload }}"


class MapForm(StepForm):
    """`see` gives it what the step sees; then it has a `sample` and, where asked for, `made`."""

    template = "flows/step_map.html"

    source = ValueField(
        label="From",
        help_text="An {{ expression }} that gives an object, or a list of them.",
        error_messages={"required": "Write what is mapped, such as {{ payload }}."},
    )
    variable = NameField(label="Name of what is made", help_text="Later steps see it by this name.")
    table = MapFieldsField(
        label="Fields",
        help_text="A source is a path, such as items[0].sku or "
        'shipping."post code", or a value, which may hold {{ expressions }}; there $item is what '
        "is mapped. As text: a list, as in the flow’s source.",
        error_messages={"required": "Write one field at least."},
    )
    sample = JsonField(
        label="Sample input",
        required=False,
        max_length=MOST_SAMPLE,
        help_text="JSON, to try the table on. It is not saved.",
    )

    def __init__(self, step: Step, around: Any, data: Any = None) -> None:
        super().__init__(step, around, data)
        self.fields["sample"].widget.attrs["data-map-sample"] = ""
        self.made: str | None = None
        self.faults: list[str] = []

    def shown(self, step: Step) -> dict[str, Any]:
        fields = step.get("fields", [])
        if not isinstance(fields, list) or not all(isinstance(each, dict) for each in fields):
            raise NotInForm("fields is no list of mappings.")
        source = step.get("from")
        return {
            "variable": text_of(step, "map"),
            "source": "" if source is None else show(source),
            "table": fields_text(fields),
        }

    @property
    def is_only_shown(self) -> bool:
        """Whether it was sent to be looked at, not to be saved."""
        return self.is_previewed or self.asks_to_turn

    @property
    def is_previewed(self) -> bool:
        return "preview" in self.data

    @property
    def asks_to_turn(self) -> bool:
        return self.data.get("turn") == "ask" and self.is_valid()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "source" in given:
            try:
                whole_expression(given["source"])
            except ValueError as error:
                self.add_error("source", str(error))
        if "table" in given:
            for fault in _parsed(given["table"])[1]:
                self.add_error("table", fault)
        return given

    def filled(self, step: Step) -> None:
        given = self.cleaned_data
        step["map"], step["from"] = given["variable"], given["source"]
        step["fields"] = given["table"]

    def step(self) -> Step:
        made = super().step()
        return as_set(made) if self.data.get("turn") == "sure" else made

    def see(self, names: dict[str, Any]) -> None:
        """Take what the step sees, as far as it is known, by name."""
        if not self.is_bound:
            self.initial["sample"] = _sample(self.was.get("from"), names)
        elif self.is_previewed:
            self.preview(names)

    def preview(self, names: dict[str, Any]) -> None:
        """Find what the table makes of the sample: `made`, or `faults` that say why not.

        Without a sample it is what the step maps, as far as that is known.
        """
        if not str(self.data.get("sample", "")).strip():
            source = str(self.data.get("source", "")).strip()
            self.data = {**dict(self.data.items()), "sample": _sample(source, names)}
        self.is_valid()
        self.faults = [
            str(message) for name in ("table", "sample") for message in self.errors.get(name, [])
        ]
        if not self.faults:
            self._make(self.cleaned_data["sample"], names)

    def _make(self, sample: Any, names: dict[str, Any]) -> None:
        if sample is None:
            self.faults = ["Write a sample input to see what is made of it."]
            return
        mapping, _ = _parsed(self.cleaned_data["table"])
        items = sample[: mapping.at_once] if isinstance(sample, list) else sample
        try:
            made = mapping.mapped(names, items)
        except StepFailed as error:
            self.faults = [str(error)]
        else:
            self.made = "" if made is MISSING else pretty(made)


def _parsed(fields: Any) -> tuple[Map, list[str]]:
    """The step that has these fields, and what is wrong with them."""
    step = {"map": "made", "from": _WHOLE, "fields": fields}
    checking = Checking(Document(step, {}), None, None, parse_steps)
    mapping = Map.parse(step, (), checking)
    return mapping, [in_rows(each.path, each.message) for each in checking.problems]


def _sample(source: Any, names: dict[str, Any]) -> str:
    """What the expression gives for the samples that are known, or "" where it gives nothing."""
    try:
        whole_expression(source)
        found = compile_template(source).evaluate(names)
    except (ValueError, ExpressionInvalid, StepFailed):
        return ""
    if found is MISSING or found is None:
        return ""
    text = pretty(found[:_SHOWN_ITEMS] if isinstance(found, list) else found)
    return text if len(text) <= MOST_SAMPLE else ""
