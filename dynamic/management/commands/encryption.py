"""`manage.py encryption report|rotate`: which keys the stored credentials rest on."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apikeys.command_line.output import say, table
from apikeys.command_line.subcommands import CommandWithSubcommands
from dynamic import encrypted

_HEAD = ["key", "fingerprint", "values", "may_go"]


def _report(command: BaseCommand, options: dict[str, Any]) -> None:
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
    _refuse_unopened(counted[-1])


def _may_go(row: dict[str, Any]) -> str:
    if row["key"] == 1:
        return "no, it encrypts"
    return "yes, nothing needs it" if row["may_go"] else "no; `encryption rotate` first"


def _rotate(command: BaseCommand, options: dict[str, Any]) -> None:
    done = encrypted.rotate()
    value = {"renewed": done.renewed, "unopened": done.unopened}
    say(command, options, value, [f"{done.renewed} values encrypted with the first key."])
    _refuse_unopened(done.unopened)


def _refuse_unopened(count: int) -> None:
    if count:
        raise CommandError(
            f"No key opens {count} stored values. Put the key that encrypted them back into "
            "INTEGRATOR_ENCRYPTION_KEYS, after the first."
        )


class Command(CommandWithSubcommands):
    help = "Tell which of INTEGRATOR_ENCRYPTION_KEYS are in use; encrypt all with the first."
    subcommands = {
        "report": ("Tell how many stored values each key opens.", lambda _: None, _report),
        "rotate": (
            "Encrypt everything with the first key, so that the others may go.",
            lambda _: None,
            _rotate,
        ),
    }
