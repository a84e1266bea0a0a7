"""`manage.py pipes list|call|export`: pipes, for operators and scripts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import OuterRef, Subquery

from apikeys.command_line.output import say, table
from apikeys.command_line.subcommands import CommandWithSubcommands
from dynamic.command_line.accounts import account_of
from dynamic.command_line.pipes_calling import add_call, call
from dynamic.command_line.pipes_exporting import add_export, export
from dynamic.describing.described import with_version
from dynamic.models import FlowVersion, Pipe

_COLUMNS = ["id", "state", "owner", "name", "flow", "version"]


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--owner", metavar="EMAIL", help="of this account only")
    parser.add_argument("--archived", action="store_true", help="the archived ones, not the others")


def _list(command: BaseCommand, options: dict[str, Any]) -> None:
    pipes = Pipe.objects.archived() if options["archived"] else Pipe.objects.current()
    if options["owner"]:
        pipes = pipes.filter(owner=account_of(options["owner"]))
    number = FlowVersion.objects.filter(pk=OuterRef("version_id")).values("number")
    found = with_version(pipes).annotate(version_number=Subquery(number))
    rows = [_facts(pipe) for pipe in found.select_related("owner", "flow").order_by("name", "id")]
    shown = [[row[name] for name in _COLUMNS] for row in rows]
    say(command, options, {"pipes": rows}, table(_COLUMNS, shown) if rows else ["No pipes."])


def _facts(pipe: Any) -> dict[str, Any]:
    """`version` is the number of the version that it runs, None where nothing is published."""
    return {
        "id": pipe.pk,
        "name": pipe.name,
        "owner": pipe.owner.email,
        "flow": pipe.flow.slug,
        "version": pipe.version_number,
        "pinned": pipe.pinned_id is not None,
        "state": "archived" if pipe.archived_at else "on" if pipe.enabled else "off",
        "methods": pipe.methods,
        "url": pipe.url,
    }


class Command(CommandWithSubcommands):
    help = "List pipes; call one; export them as OpenAPI, as a Postman collection, as a bundle."
    subcommands = {
        "list": ("List pipes.", _add_list, _list),
        "call": ("Call a pipe with the key in the environment's INTEGRATOR_TOKEN.", add_call, call),
        "export": (
            "Print pipes as a document for other tools, or as a bundle.",
            add_export,
            export,
        ),
    }
