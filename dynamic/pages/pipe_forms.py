"""The form of a pipe."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BoundField

from accounts.models import User
from dynamic.models import Flow, FlowVersion, Pipe
from dynamic.models.alerting import FEWEST_RUNS, MOST_ADDRESSES
from dynamic.models.pipe import METHODS, RULES


class Names(forms.CharField):
    """Names with commas between them; cleans to a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        names = (super().to_python(value) or "").split(",")
        return [name.strip() for name in names if name.strip()]


class PipeForm(forms.ModelForm[Pipe]):
    version = forms.IntegerField(
        label="Version",
        required=False,
        min_value=1,
        help_text="The number of the version to stay with. Empty: always the latest published one.",
    )
    methods = forms.MultipleChoiceField(
        label="Methods",
        choices=[(method, method) for method in METHODS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one at least."},
        help_text="GET takes HEAD with it.",
    )
    redact_names = Names(
        label="Names whose values are never kept",
        required=False,
        help_text="Of fields and headers, with commas between them. What looks like a password, "
        "a key or a token is left out anyway.",
    )
    cache_headers = Names(
        label="Headers that make another answer",
        required=False,
        help_text="Beside the query, such as Accept-Language. Names, with commas between them.",
    )
    alert_addresses = Names(
        label="Mail them to",
        required=False,
        help_text=f"At most {MOST_ADDRESSES} addresses, with commas between them. Empty: to you.",
    )

    class Meta:
        model = Pipe
        fields: ClassVar = [
            "name",
            "flow",
            *RULES,
        ]
        labels: ClassVar = {
            "enabled": "On",
            "deadline": "Deadline in seconds",
            "body_limit": "Largest body in bytes",
            "failure_mode": "Failures are told",
            "keep_bodies": "Keep what came in and went out",
            "keep_days": "Days to keep runs",
            "keep_runs": "Most runs to keep",
            "calls_a_minute": "Calls a minute",
            "at_once": "Runs at once",
            "cache_seconds": "Seconds to keep an answer",
            "alert_rule": "Mail failures",
        }
        help_texts: ClassVar = {
            "name": "Such as “Order for the web shop”.",
            "enabled": "A pipe that is off refuses calls.",
            "alert_rule": "If all fail: those of the last hour, and "
            f"{FEWEST_RUNS} at least. The same cause is mailed once an hour at most.",
            "failure_mode": "Choose the envelope only for callers that were written for it.",
        }

    PARTS: ClassVar = (
        ("What it runs", ("name", "flow", "version", "enabled")),
        ("Calls", ("methods", "deadline", "body_limit", "failure_mode")),
        ("Runs", ("keep_bodies", "redact_names", "keep_days", "keep_runs")),
        ("Limits", ("calls_a_minute", "at_once")),
        ("Cache", ("cache_seconds", "cache_headers", "cache_shared")),
        ("Alerts", ("alert_rule", "alert_addresses")),
    )

    def __init__(self, account: User, pipe: Pipe, data: Any = None, initial: Any = None) -> None:
        """Who edits somebody else's pipe chooses among the owner's flows that they see."""
        version = pipe.pinned.number if pipe.pinned else None
        super().__init__(data, instance=pipe, initial={"version": version} | (initial or {}))
        self._others = pipe.owner.pipes.exclude(pk=pipe.pk)
        flow: Any = self.fields["flow"]
        seen = Flow.objects.visible_to(account).current().values("pk")
        offered = Q(pk__in=seen) | Q(pk=pipe.flow_id)
        flow.queryset = pipe.owner.flows.filter(offered).order_by("name", "id")
        flow.error_messages |= {
            "required": "Choose a flow.",
            "invalid_choice": "Choose one of these. One that is archived must be restored first.",
        }

    @property
    def parts(self) -> list[tuple[str, list[BoundField]]]:
        """The fields under their titles."""
        return [(title, [self[name] for name in names]) for title, names in self.PARTS]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self._others.filter(name=name).exists():
            whose = "yours" if self.instance.is_own else "the owner’s"
            raise ValidationError(f"Another pipe of {whose} has this name.")
        return name

    def clean(self) -> dict[str, Any]:
        # Before the model is checked, which knows it by another name.
        self.instance.pinned = self._pinned()
        return self.cleaned_data

    def _pinned(self) -> FlowVersion | None:
        flow, number = self.cleaned_data.get("flow"), self.cleaned_data.get("version")
        if flow is None or number is None:
            return None
        version: FlowVersion | None = flow.versions.filter(number=number).first()
        if version is None:
            latest = flow.latest
            there = f"the latest is {latest.number}" if latest else "none is published yet"
            self.add_error("version", f"“{flow}” has no version {number}: {there}.")
        return version
