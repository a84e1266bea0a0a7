"""How the subcommands answer: JSON for programs, or lines for people."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand

from apikeys.models import Key


def say(command: BaseCommand, options: dict[str, Any], value: Any, lines: Iterable[str]) -> None:
    """The value as one line of JSON where that was asked for, or else the lines."""
    if options["json"]:
        command.stdout.write(json.dumps(value))
    else:
        for line in lines:
            command.stdout.write(line)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    texts = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    ]


def _cell(value: Any) -> str:
    return "-" if value is None else printable(str(value))


def printable(text: str) -> str:
    """One line, with nothing that a terminal would obey: owners name keys, and others files."""
    return "".join(character if character.isprintable() else "�" for character in text)


def facts(key: Key) -> dict[str, Any]:
    """A key, without secret or digest."""
    use = getattr(key, "use", None)
    return {
        "public_id": key.public_id,
        "name": key.name,
        "owner": key.owner.email,
        "kind": key.kind,
        "state": key.state,
        "created_at": key.created_at.isoformat(),
        "ends_at": key.ends_at.isoformat() if key.ends_at else None,
        "last_used_at": use.last_used_at.isoformat() if use else None,
    }
