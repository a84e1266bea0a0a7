"""`manage.py <command> <subcommand>`: how a command has subcommands."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

# What it does, in a sentence; what it takes; its work, which may give an exit code.
Subcommand = tuple[
    str,
    Callable[[ArgumentParser], object],
    Callable[[BaseCommand, dict[str, Any]], int | None],
]


class CommandWithSubcommands(BaseCommand):
    subcommands: Mapping[str, Subcommand]

    def add_arguments(self, parser: CommandParser) -> None:
        # Plain parsers: Django's would want its own options for each subcommand anew.
        subparsers = parser.add_subparsers(
            dest="subcommand", required=True, parser_class=ArgumentParser
        )
        for name, (summary, add, run) in self.subcommands.items():
            subparser = subparsers.add_parser(name, help=summary, description=summary)
            subparser.add_argument("--json", action="store_true", help="print JSON, only")
            add(subparser)
            subparser.set_defaults(run=run)

    def handle(self, *args: Any, **options: Any) -> None:
        if code := options["run"](self, options):
            sys.exit(code)
