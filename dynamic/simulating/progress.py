"""How far a simulation has come, as JSON data that its row keeps."""

from dataclasses import asdict, dataclass, field
from typing import Any

from dynamic.flow.outcome import Outcome
from dynamic.runs.redaction import Redactor, secrets_by_name
from dynamic.simulating.records import Record
from dynamic.simulating.terms import Past, Standing, Walked


@dataclass(slots=True)
class Progress:
    """Nothing has begun where `stood_at` is None and it has not ended."""

    records: list[Record] = field(default_factory=list)
    stood_at: int | None = None
    edits: dict[int, dict[str, Any]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)  # that turned up, and must not be shown
    has_ended: bool = False

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Progress":
        return cls(
            [Record(**record) for record in data["records"]],
            data["stood_at"],
            {int(number): edits for number, edits in data["edits"].items()},
            set(data["secrets"]),
            data["has_ended"],
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "records": [record.as_dict() for record in self.records],
            "stood_at": self.stood_at,
            "edits": {str(number): edits for number, edits in self.edits.items()},
            "secrets": sorted(self.secrets),
            "has_ended": self.has_ended,
        }

    def past(self) -> Past:
        return Past(self.records, self.stood_at, self.edits)

    def edit(self, values: dict[str, Any]) -> None:
        """Change values in sight of the step that it stands before."""
        if values and self.stood_at is not None:
            self.edits[self.stood_at] = self.edits.get(self.stood_at, {}) | values

    def come_to(self, walked: Walked) -> None:
        """Keep what a later request needs: of one that has ended, nothing."""
        self.has_ended = walked.standing is None
        self.records = [] if self.has_ended else walked.records
        self.stood_at = walked.standing.number if walked.standing else None


def shown(walked: Walked, secrets: set[str]) -> dict[str, Any]:
    """What a page may show: `{trace, standing, outcome, fault}`, secrets masked, long lists cut."""
    told = {
        "trace": walked.trace,
        "standing": _standing(walked.standing),
        "outcome": _outcome(walked.outcome),
        "fault": walked.diverged,
    }
    clean: dict[str, Any] = Redactor({*secrets, *secrets_by_name(told)}).clean(told)
    return clean


def nothing_shown(fault: str = "") -> dict[str, Any]:
    return {"trace": [], "standing": None, "outcome": None, "fault": fault}


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    return asdict(standing) if standing else None


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {
        "status": outcome.status.value,
        "http_status": outcome.http_status,
        "headers": outcome.headers,
        "body": outcome.body,
        "message": outcome.message,
        "problems": outcome.problems,
        "data": outcome.data,
    }
