"""`apikeys create`, `list`, `rotate` and `revoke`."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from apikeys import checks, grants, leaks, tokens
from apikeys.command_line.numbers import number
from apikeys.command_line.output import facts, say, table
from apikeys.command_line.subcommands import Subcommand
from apikeys.models import Key, KeyEvent, PolicyRefused, RotationRefused
from apikeys.pipes import callable_pipes
from apikeys.scrub import scrub

STATES = ["live", "replaced", "retired", "expired", "revoked"]


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--owner", required=True, metavar="EMAIL")
    parser.add_argument("--name", required=True, type=_name, help="1 to 100 characters")
    parser.add_argument("--kind", choices=Key.Kind.values, default=Key.Kind.ACCESS_TOKEN)
    parser.add_argument("--days", type=int, default=90, help="0 = never expires (90)")
    parser.add_argument("--pipe", action="append", metavar="ID", help="only this one; repeatable")
    parser.add_argument("--network", action="append", metavar="CIDR", help="only from; repeatable")
    methods = parser.add_mutually_exclusive_group()
    methods.add_argument("--read-only", action="store_true")
    methods.add_argument("--write-only", action="store_true")
    parser.add_argument("--no-query", action="store_true", help="not in the query string")
    parser.add_argument("--calls-per-minute", type=number(1, 1_000_000), metavar="N")


def _name(text: str) -> str:
    if not 1 <= len(text.strip()) <= 100:
        raise ArgumentTypeError("a name is 1 to 100 characters")
    return text.strip()


def _create(command: BaseCommand, options: dict[str, Any]) -> int:
    owner = _person(options["owner"])
    try:
        key, text = Key.objects.issue(
            owner,
            options["name"],
            options["kind"],
            options["days"],
            can_read=not options["write_only"],
            can_write=not options["read_only"],
            pipes=_pipes(owner, options["pipe"]),
            networks=grants.networks(options["network"]) if options["network"] else None,
            query_allowed=not options["no_query"],
            calls_per_minute=options["calls_per_minute"],
        )
    except (PolicyRefused, ValueError) as error:
        raise CommandError(str(error)) from None
    return _show(command, options, key, text)


def _person(email: str) -> User:
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"There is no account {email}.")
    return person


def _pipes(owner: User, ids: list[str] | None) -> list[str] | None:
    if not ids:
        return None
    for pipe in ids:
        if not callable_pipes(owner).filter(pk=pipe).exists():
            raise CommandError(f"{owner.email} has no pipe {pipe}, and may call none of this id.")
    return list(dict.fromkeys(ids))


def _show(command: BaseCommand, options: dict[str, Any], key: Key, text: str) -> int:
    """The secret alone goes to standard output, so that it can be piped to where it is kept."""
    say(command, options, {**facts(key), "secret": text}, [text])
    key.record(KeyEvent.Kind.SHOWN, None)
    command.stderr.write(f"{key.prefix}…: shown once, and never again.")
    return 0


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--owner", metavar="EMAIL")
    parser.add_argument("--state", choices=STATES)


def _list(command: BaseCommand, options: dict[str, Any]) -> int:
    keys = Key.objects.select_related("owner", "use")
    if options["owner"]:
        keys = keys.filter(owner=_person(options["owner"]))
    if options["state"]:
        keys = keys.in_state(options["state"])
    found = [facts(key) for key in keys]
    columns = ["public_id", "state", "kind", "owner", "name", "ends_at", "last_used_at"]
    say(command, options, found, table(columns, [[key[name] for name in columns] for key in found]))
    return 0


def _rotate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="PUBLIC_ID")
    parser.add_argument("--grace-hours", type=int, default=24, help="0 to 168 (24)")
    parser.add_argument("--days", type=int, help="as long as the old one's, where not given")


def _rotate(command: BaseCommand, options: dict[str, Any]) -> int:
    key = _key(options["key"])
    if key is None:
        raise CommandError(f"There is no key {options['key']}.")
    try:
        successor, text = key.rotate(None, grace_hours=options["grace_hours"], days=options["days"])
    except (RotationRefused, PolicyRefused, ValueError) as error:
        raise CommandError(str(error)) from None
    return _show(command, options, successor, text)


def _key(name: str) -> Key | None:
    """By its public id, with or without the prefix that the lists show."""
    if scrub(name) != name:
        raise CommandError(
            "This is a secret, and now it stands in your shell's history. Name the key by its "
            "public id, and give secrets to `revoke --stdin`.",
            returncode=2,
        )
    public_id = name.removeprefix(tokens.PREFIX).rstrip("…")
    return Key.objects.select_related("owner").filter(public_id=public_id).first()


def _revoke_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("keys", nargs="*", metavar="PUBLIC_ID")
    parser.add_argument("--owner", metavar="EMAIL", help="with --all")
    parser.add_argument("--all", action="store_true", help="every key of --owner")
    parser.add_argument(
        "--stdin", action="store_true", help="leaked tokens or JWTs from standard input, one a line"
    )


def _revoke(command: BaseCommand, options: dict[str, Any]) -> int:
    ways = [bool(options["keys"]), options["all"] or bool(options["owner"]), options["stdin"]]
    if sum(ways) != 1 or options["all"] != bool(options["owner"]):
        raise CommandError("Give public ids, or --owner EMAIL --all, or --stdin.", returncode=2)
    missing: list[str] = []
    if options["stdin"]:
        count = len(leaks.revoke(line.strip() for line in sys.stdin))
        problems = checks.errors()  # without its pepper or signing key, a key is not known as ours
    elif options["all"]:
        count = Key.objects.live().filter(owner=_person(options["owner"])).revoke(None)
        problems = []
    else:
        named = {name: _key(name) for name in options["keys"]}
        count = sum(key.revoke(None) for key in named.values() if key)
        missing = [name for name, key in named.items() if key is None]
        names = ", ".join(missing)
        problems = [f"There is no key {names}; the others are revoked."] if missing else []
    say(command, options, {"revoked": count, "unknown": missing}, [f"{count} revoked."])
    if problems:
        raise CommandError("\n".join(problems))
    return 0


SUBCOMMANDS: dict[str, Subcommand] = {
    "create": ("Make a key, and print its secret.", _create_arguments, _create),
    "list": ("List keys.", _list_arguments, _list),
    "rotate": ("Replace a key, and print the new secret.", _rotate_arguments, _rotate),
    "revoke": ("End keys, for good.", _revoke_arguments, _revoke),
}
