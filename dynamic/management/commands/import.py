"""`manage.py import FILE --owner EMAIL`: make or update systems, calls, flows and pipes."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from dynamic.bundle import import_bundle
from dynamic.flow.problems import DocumentInvalid


class Command(BaseCommand):
    help = "Import a bundle (YAML) of systems, API calls, flows and pipes. See examples/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(email__iexact=options["owner"]).first()
        if owner is None:
            raise CommandError(f"There is no account {options['owner']}.")
        try:
            source = options["file"].read_text("utf-8")
            done = import_bundle(source, owner, os.environ)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from None
        except DocumentInvalid as error:
            raise CommandError(f"Nothing was imported.\n{error}") from None
        for word in ("created", "updated", "unchanged"):
            for name in getattr(done, word):
                self.stdout.write(f"{word:10} {name}")
