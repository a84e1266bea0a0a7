"""Runs into the database, with their secrets taken out before."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from dynamic.models import Run
from dynamic.models.run import RUNNING
from dynamic.runs.bodies import KEEP_ALL, Keeping, without_bodies
from dynamic.runs.drift import Expectations
from dynamic.runs.redaction import Redactor, secrets_by_name

# What is known of a run at its end only. Of its input more may have to be masked then.
_ENDED = ["status", "http_status", "message", "ms", "input", "answer", "trace"]
_SO_FAR = ["ms", "input", "trace"]  # of these, what changes while it goes on

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run's row as it happened, or as far as it has; `secrets` are masked before it is kept."""

    row: dict[str, Any]
    secrets: frozenset[str]
    expectations: Expectations | None = None  # its flow's, of the responses in its trace
    keeping: Keeping = KEEP_ALL  # what its pipe wants to be kept
    also: Callable[[], None] | None = None  # stores what is to be committed together with it
    is_progress: bool = False  # it goes on: this is never stored over its end

    def redacted(self) -> Run:
        kept = {name: self.row[name] for name in ("input", "answer", "trace", "message")}
        names = self.keeping.names
        # Also those of bodies that are not kept: the message may repeat them.
        redactor = Redactor({*self.secrets, *secrets_by_name(kept, names)}, names)
        if not self.keeping.keeps_bodies(self.row["status"]):
            kept |= without_bodies(kept)
        clean = {name: redactor.clean(value) for name, value in kept.items()}
        # The one of them that is no JSON: PostgreSQL takes no NUL in a text.
        clean["message"] = clean["message"].replace("\0", "\ufffd")
        return Run(**{**self.row, **clean})


def store(runs: list[FinishedRun]) -> dict[str, Exception]:
    """Store the runs; return the error of each, by id, that can never be stored.

    Raises OperationalError or InterfaceError where the database cannot be reached.
    """
    # Of several records of one run the last one counts, and its end before all.
    ended = {run.row["id"]: run for run in runs if not run.is_progress}
    under_way = {
        run.row["id"]: run for run in runs if run.is_progress and run.row["id"] not in ended
    }
    try:
        rows = [run.redacted() for run in ended.values()]
        rows_so_far = [run.redacted() for run in under_way.values()]
        with transaction.atomic():
            # Over what stands there: how a run began, or the same from a try that seemed to fail.
            Run.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["id"], update_fields=_ENDED
            )
            for row in rows_so_far:
                _store_so_far(row)
            for run in runs:
                if run.also:
                    run.also()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(runs) > 1:
            # One spoils the batch: find it, and keep the others.
            return {id_: lost for run in runs for id_, lost in store([run]).items()}
        log.exception("Run %s cannot be recorded", runs[0].row["id"])
        return {runs[0].row["id"]: error}
    return {}


def _store_so_far(row: Run) -> None:
    """Over how it stood before. Another process may have noted meanwhile that it has ended."""
    changed = {name: getattr(row, name) for name in _SO_FAR}
    if not Run.objects.filter(pk=row.pk, status=RUNNING).update(**changed):
        Run.objects.bulk_create([row], ignore_conflicts=True)
