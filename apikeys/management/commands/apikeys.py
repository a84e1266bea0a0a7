"""`manage.py apikeys …`: everything about keys, for operators and scripts (docs/commands.md)."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apikeys.command_line import making, reports, scanning, upkeep


class Command(BaseCommand):
    help = "Make, list, revoke and replace keys; mail, purge, report and scan."

    def add_arguments(self, parser: CommandParser) -> None:
        # Plain parsers: Django's would want its own options for each subcommand anew.
        subcommands = parser.add_subparsers(
            dest="subcommand", required=True, parser_class=ArgumentParser
        )
        for module in (making, upkeep, reports, scanning):
            for name, (summary, add, run) in module.SUBCOMMANDS.items():
                subparser = subcommands.add_parser(name, help=summary, description=summary)
                subparser.add_argument("--json", action="store_true", help="print JSON, only")
                add(subparser)
                subparser.set_defaults(run=run)

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["run"](self, options)
        if code:
            sys.exit(code)
