"""`manage.py export --owner EMAIL`: all that somebody has built, as a bundle without secrets."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynamic.bundle import export_bundle
from dynamic.command_line.accounts import account_of


class Command(BaseCommand):
    help = "Export somebody's systems, API calls, flows and pipes as a bundle (YAML)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--output", type=Path, metavar="FILE", help="(standard output)")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = account_of(options["owner"])
        bundle = export_bundle(owner)
        if options["output"] is None:
            self.stdout.write(bundle, ending="")
            return
        try:
            Path(options["output"]).write_text(bundle, "utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error}") from None
