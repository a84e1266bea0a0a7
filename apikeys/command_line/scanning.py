"""`apikeys scan`: find our keys where they should not be, tell which are alive, end them."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apikeys import checks, leaks
from apikeys.command_line.output import printable, say, table
from apikeys.command_line.subcommands import Subcommand
from apikeys.scanning.files import search_path
from apikeys.scanning.history import NotSearchable, search_history
from apikeys.scanning.streams import Finding, search
from apikeys.scrub import scrub

FOUND_LIVE = 3  # exit code


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="file or folder; - for stdin")
    parser.add_argument("--git", action="store_true", help="each PATH is a repository: its history")
    parser.add_argument("--revoke", action="store_true", help="end the live keys that are found")


def _scan(command: BaseCommand, options: dict[str, Any]) -> int:
    # Without its pepper or signing key a live key is not known as ours.
    problems = checks.errors()
    try:
        places: dict[str, list[Finding]] = {}
        for finding in _findings(options, problems):
            places.setdefault(finding.candidate.text, []).append(finding)
    except NotSearchable as error:
        raise CommandError(str(error)) from None
    problems = [scrub(problem) for problem in problems]
    rows = [_row(text, found, revoke=options["revoke"]) for text, found in places.items()]
    say(
        command,
        options,
        {"keys": rows, "problems": problems},
        table(
            ["key", "state", "owner", "where"],
            [[row["key"], row["state"], row["owner"], ", ".join(row["where"])] for row in rows],
        )
        if rows
        else ["No keys were found."],
    )
    for problem in problems:
        command.stderr.write(printable(problem))
    if any(row["state"] in {"live", "replaced"} for row in rows):
        return FOUND_LIVE
    if problems:
        raise CommandError("Not everything could be searched or checked; see above.")
    return 0


def _findings(options: dict[str, Any], problems: list[str]) -> Iterator[Finding]:
    for path in options["paths"]:
        if options["git"]:
            yield from search_history(Path(path))
        elif path == "-":
            yield from search(sys.stdin.buffer, "standard input")
        else:
            yield from search_path(Path(path), problems)


def _row(text: str, found: list[Finding], *, revoke: bool) -> dict[str, Any]:
    """Where a key was found, and what it is now. Its text is in none of it, file names included."""
    key = leaks.holder_of(text)
    state = key.state if key else "not one of ours"
    if key and revoke and leaks.revoke([text]):
        state = "revoked now"
    return {
        "key": found[0].candidate.shown,
        "public_id": key.public_id if key else None,
        "state": state,
        "owner": key.owner.email if key else None,
        "where": [f"{scrub(finding.where)}:{finding.line}" for finding in found],
    }


SUBCOMMANDS: dict[str, Subcommand] = {
    "scan": ("Find our keys in files, logs and git history.", _arguments, _scan)
}
