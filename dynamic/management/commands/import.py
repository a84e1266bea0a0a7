"""`manage.py import FILE --owner EMAIL`: make or update systems, calls, flows and pipes."""

import json
import os
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apikeys.command_line.output import printable
from dynamic.bundle import Imported, import_bundle
from dynamic.command_line.accounts import account_of
from dynamic.flow.problems import DocumentInvalid


class Command(BaseCommand):
    help = "Import a bundle (YAML) of systems, API calls, flows and pipes. See examples/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only tell")
        parser.add_argument("--json", action="store_true", help="print JSON, only")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = account_of(options["owner"])
        dry_run = options["dry_run"]
        try:
            source = Path(options["file"]).read_text("utf-8")
            done = import_bundle(source, owner, os.environ, dry_run)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from None
        except DocumentInvalid as error:
            raise CommandError(f"Nothing was imported.\n{error}") from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done) | {"dry_run": dry_run}))
        else:
            self._tell(done, "would be " if dry_run else "")
        if done.missing:
            names = ", ".join(done.missing)
            raise CommandError(f"The environment has no {names}; an import needs them.")

    def _tell(self, done: Imported, would: str) -> None:
        for name in done.created:
            self.stdout.write(f"{would}created    {printable(name)}")
        for name, fields in done.updated.items():
            self.stdout.write(f"{would}updated    {printable(name)} ({', '.join(fields)})")
        for name in done.unchanged:
            self.stdout.write(f"unchanged  {printable(name)}")
