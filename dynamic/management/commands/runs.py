"""`manage.py runs prune|tail|replay`: the runs of pipes, for operators and scripts."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from apikeys.command_line.output import printable, say, table
from apikeys.command_line.subcommands import CommandWithSubcommands
from dynamic.command_line.accounts import account_of
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import DocumentInvalid
from dynamic.models import Pipe, Run
from dynamic.models.run import NOT_ENDED
from dynamic.runs.filters import STATUSES, Filters, filtered
from dynamic.runs.retention import prune
from dynamic.runs.tail import Tail
from dynamic.simulating.advancing import CannotGoOn
from dynamic.simulating.replaying import CannotReplay, replay

_POLL = 1.0  # seconds between two looks of `tail`


def _add_prune(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="tell, and delete nothing")


def _prune(command: BaseCommand, options: dict[str, Any]) -> None:
    found = prune(timezone.now(), dry_run=options["dry_run"])
    rows = [{"pipe": each.pipe.pk, "name": each.pipe.name, "runs": each.count} for each in found]
    value = {"deleted": not options["dry_run"], "pipes": rows}
    lines = table(["pipe", "name", "runs"], [list(row.values()) for row in rows])
    say(command, options, value, lines if rows else ["Every run is still to be kept."])


def _add_tail(parser: ArgumentParser) -> None:
    parser.add_argument("--owner", metavar="EMAIL", help="of this account only")
    parser.add_argument("--pipe", metavar="ID", default="", help="of this pipe only")
    ended = [status for status in STATUSES if status not in NOT_ENDED]
    parser.add_argument("--status", choices=ended, default="", help="of this status only")


def _tail(command: BaseCommand, options: dict[str, Any]) -> None:
    tail = Tail(_runs(options), timezone.now())
    try:
        while True:
            for run in tail.look(timezone.now()):
                if options["status"] not in {"", run.status}:
                    continue
                command.stdout.write(json.dumps(_facts(run)) if options["json"] else _line(run))
            command.stdout.flush()
            time.sleep(_POLL)
    except KeyboardInterrupt:
        return  # as `tail -f` is ended


def _runs(options: dict[str, Any]) -> "QuerySet[Run]":
    pipe, email = options["pipe"], options["owner"]
    if pipe and not Pipe.objects.filter(pk=pipe).exists():
        raise CommandError(f"There is no pipe {printable(pipe)}.")
    runs = filtered(Run.objects.all(), Filters(pipe=pipe))
    return runs.filter(owner=account_of(email)) if email else runs


def _facts(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk,
        "started_at": run.started_at.isoformat(),
        "pipe": run.pipe_id,
        "name": run.pipe.name,
        "key": run.key_public_id,
        "method": run.method,
        "status": run.status,
        "http_status": run.http_status,
        "ms": round(run.ms, 1),
        "message": run.message,
    }


def _line(run: Run) -> str:
    told = f"{run.started_at:%H:%M:%S} {run.pk} {run.status:15} {run.http_status or '':>3}"
    return printable(f"{told} {run.ms:8.0f} ms  {run.method:6} {run.pipe.name}  {run.message}")


def _add_replay(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="RUN", help="the id of the run")
    parser.add_argument(
        "--live", action="store_true", help="really make the calls, not with its answers for mocks"
    )


def _replay(command: BaseCommand, options: dict[str, Any]) -> None:
    run = Run.objects.filter(pk=options["id"]).first()
    if run is None:
        raise CommandError(f"There is no run {printable(options['id'])}.")
    try:
        told = replay(run, is_live=options["live"])
    except (CannotReplay, CannotGoOn, DocumentInvalid, ExpressionInvalid, ValueError) as error:
        raise CommandError(f"It cannot be replayed. {error}") from None
    is_same = (told["status"], told["http_status"]) == (run.status, run.http_status)
    told["same_outcome"] = is_same
    if options["json"]:
        command.stdout.write(json.dumps(told))
    else:
        before = f"{run.status}, HTTP {run.http_status or '-'}"
        command.stdout.write(f"{told['status']}, HTTP {told['http_status'] or '-'}; then: {before}")
        command.stdout.write(json.dumps(told["body"], indent=2))
    if told["status"] != "success":
        raise CommandError(f"{told['status']}: {told['message']}")


class Command(CommandWithSubcommands):
    help = "Delete runs that are kept no longer; watch runs as they end; replay one."
    subcommands = {
        "prune": ("Delete the runs that their pipes keep no longer.", _add_prune, _prune),
        "tail": ("Print each run as it ends, until interrupted.", _add_tail, _tail),
        "replay": ("Run a run's flow once more with what came in then.", _add_replay, _replay),
    }
