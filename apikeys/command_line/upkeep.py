"""`apikeys notify` and `purge`, to be run by cron."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q
from django.utils import timezone

from apikeys import notices
from apikeys.command_line.numbers import number
from apikeys.command_line.output import say
from apikeys.command_line.subcommands import Subcommand
from apikeys.models import Key, KeyEvent, Notice


def _notify(command: BaseCommand, options: dict[str, Any]) -> int:
    sent = notices.send_due()
    waiting = Notice.objects.filter(sent_at=None).count()
    say(
        command,
        options,
        {"sent": sent, "waiting": waiting},
        [f"{sent} mails sent, {waiting} wait."],
    )
    return 0


_days = number(1, 36_500)  # never 0: nobody purges yesterday's audit by mistake


def _purge_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--ended-days", type=_days, default=90, help="keys that ended before (90)")
    parser.add_argument("--events-days", type=_days, default=365, help="events older than (365)")
    parser.add_argument("--dry-run", action="store_true", help="delete nothing, only count")


def _purge(command: BaseCommand, options: dict[str, Any]) -> int:
    now = timezone.now()
    ended = now - timedelta(days=options["ended_days"])
    keys = Key.objects.filter(
        Q(revoked_at__lt=ended) | Q(expires_at__lt=ended) | Q(grace_ends_at__lt=ended)
    )
    events = KeyEvent.objects.filter(at__lt=now - timedelta(days=options["events_days"]))
    found = {"keys": keys.count(), "events": events.count()}
    if not options["dry_run"]:
        events.purge()
        keys.delete()
    word = "would be deleted" if options["dry_run"] else "deleted"
    line = f"{found['keys']} keys and {found['events']} events {word}."
    say(command, options, found | {"dry_run": options["dry_run"]}, [line])
    return 0


SUBCOMMANDS: dict[str, Subcommand] = {
    "notify": ("Send the mails that are due.", lambda _: None, _notify),
    "purge": ("Delete keys that ended long ago, and old events.", _purge_arguments, _purge),
}
