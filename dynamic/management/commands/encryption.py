"""`manage.py encryption report|rotate`: which keys the stored credentials rest on."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apikeys.command_line.output import say, table
from dynamic import encrypted

_HEAD = ["key", "fingerprint", "values", "may_go"]


class Command(BaseCommand):
    help = "Tell which of INTEGRATOR_ENCRYPTION_KEYS are in use; encrypt all with the first."

    def add_arguments(self, parser: CommandParser) -> None:
        # Plain parsers: Django's would want its own options for each subcommand anew.
        subcommands = parser.add_subparsers(
            dest="subcommand", required=True, parser_class=ArgumentParser
        )
        for name, summary in {
            "report": "Tell how many stored values each key opens.",
            "rotate": "Encrypt everything with the first key, so that the others may go.",
        }.items():
            subparser = subcommands.add_parser(name, help=summary, description=summary)
            subparser.add_argument("--json", action="store_true", help="print JSON, only")

    def handle(self, *args: Any, **options: Any) -> None:
        work = {"report": _report, "rotate": _rotate}[options["subcommand"]]
        unopened = work(self, options)
        if unopened:
            raise CommandError(
                f"No key opens {unopened} stored values. Put the key that encrypted them back into "
                "INTEGRATOR_ENCRYPTION_KEYS, after the first."
            )


def _report(command: BaseCommand, options: dict[str, Any]) -> int:
    counted = encrypted.count()
    rows = [
        {
            "key": at + 1,
            "fingerprint": key.fingerprint,
            "values": counted[at],
            "may_go": at > 0 and not counted[at],
        }
        for at, key in enumerate(settings.ENCRYPTION.keys)
    ]
    shown = [[row[name] for name in _HEAD[:-1]] + [_may_go(row)] for row in rows]
    say(command, options, {"keys": rows, "unopened": counted[-1]}, table(_HEAD, shown))
    return counted[-1]


def _may_go(row: dict[str, Any]) -> str:
    if row["key"] == 1:
        return "no, it encrypts"
    return "yes, nothing needs it" if row["may_go"] else "no; `encryption rotate` first"


def _rotate(command: BaseCommand, options: dict[str, Any]) -> int:
    done = encrypted.rotate()
    value = {"renewed": done.renewed, "unopened": done.unopened}
    say(command, options, value, [f"{done.renewed} values encrypted with the first key."])
    return done.unopened
