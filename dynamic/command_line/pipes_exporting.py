"""`manage.py pipes export`: pipes as documents for other tools, or as a bundle."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from dynamic.bundle.exporting import bundle_of
from dynamic.bundle.writing import write
from dynamic.command_line.accounts import account_of
from dynamic.describing.described import describe_all, describe_one
from dynamic.describing.openapi import openapi
from dynamic.describing.postman import postman
from dynamic.models import Pipe

_DOCUMENTS = {"openapi": openapi, "postman": postman}


def add_export(parser: ArgumentParser) -> None:
    parser.add_argument("pipe", metavar="PIPE", nargs="?", help="the id of one")
    parser.add_argument(
        "--all", action="store_true", help="all of --owner's; documents: that are on"
    )
    parser.add_argument("--format", required=True, choices=[*_DOCUMENTS, "yaml"])
    parser.add_argument("--owner", metavar="EMAIL", help="with --all")


def export(command: BaseCommand, options: dict[str, Any]) -> None:
    pipe, owner = _wanted(options)
    document, title = _DOCUMENTS.get(options["format"]), pipe.name if pipe else "Pipes"
    if document is None:
        bundle = bundle_of(owner, pipe)
        command.stdout.write(json.dumps(bundle) if options["json"] else write(bundle), ending="")
        return
    pipes = [describe_one(pipe)] if pipe else describe_all(owner)
    indent = None if options["json"] else 2
    command.stdout.write(json.dumps(document(pipes, title), indent=indent, ensure_ascii=False))


def _wanted(options: dict[str, Any]) -> tuple[Pipe | None, User]:
    """One pipe, or none for all of them; and whose."""
    pipe_id, email = options["pipe"], options["owner"]
    if bool(pipe_id) == options["all"] or bool(email) != options["all"]:
        raise CommandError("Give the id of a pipe, or --all --owner EMAIL.", returncode=2)
    if pipe_id:
        pipes = Pipe.objects.select_related("owner", "flow", "pinned")
        pipe: Pipe | None = pipes.filter(pk=pipe_id).first()
        if pipe is None:
            raise CommandError(f"There is no pipe {pipe_id}.")
        return pipe, pipe.owner
    return None, account_of(email)
