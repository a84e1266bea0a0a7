"""`apikeys pepper-report` and `kid-report`: what still depends on an old secret of ours."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Count, Max

from apikeys.command_line.output import say, table
from apikeys.command_line.subcommands import Subcommand
from apikeys.models import Key

_MAY_GO = {True: "yes, no live key needs it", False: "no"}


def _report(
    command: BaseCommand, options: dict[str, Any], field: str, states: dict[Any, str]
) -> int:
    """One row a version: its state, how many live keys rest on it, and whether it may go."""
    keys = Key.objects.live().exclude(**{field: ""}) if field == "kid" else Key.objects.live()
    counted = (
        keys.order_by().values(field).annotate(keys=Count("pk"), used=Max("use__last_used_at"))
    )
    resting = {row[field]: row for row in counted if row[field] != ""}  # access tokens have no kid
    rows: list[dict[str, Any]] = []
    for version in sorted({*states, *resting}):
        row = resting.get(version, {"keys": 0, "used": None})
        state = states.get(version, "missing")
        rows.append(
            {
                field: version,
                "state": state,
                "live_keys": row["keys"],
                "last_used_at": row["used"].isoformat() if row["used"] else None,
                "may_go": row["keys"] == 0 and state not in {"current", "signing"},
            }
        )
    head = [field, "state", "live_keys", "last_used_at", "may_go"]
    shown = [row | {"may_go": _MAY_GO[row["may_go"]]} for row in rows]
    say(command, options, rows, table(head, [[row[name] for name in head] for row in shown]))
    return 0


def _peppers(command: BaseCommand, options: dict[str, Any]) -> int:
    peppers = settings.PEPPERS
    states = {
        version: "current" if version == peppers.current else "old" for version in peppers.values
    }
    return _report(command, options, "pepper", states)


def _kids(command: BaseCommand, options: dict[str, Any]) -> int:
    states: dict[Any, str] = {kid: key.state for kid, key in settings.JWT_KEYS.by_kid.items()}
    return _report(command, options, "kid", states)


SUBCOMMANDS: dict[str, Subcommand] = {
    "pepper-report": ("Tell which peppers live keys rest on.", lambda _: None, _peppers),
    "kid-report": ("Tell which signing keys live JWTs rest on.", lambda _: None, _kids),
}
