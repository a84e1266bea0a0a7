"""`manage.py apikeys …`: everything about keys, for operators and scripts (docs/commands.md)."""

from apikeys.command_line import making, reports, scanning, upkeep
from apikeys.command_line.subcommands import CommandWithSubcommands


class Command(CommandWithSubcommands):
    help = "Make, list, revoke and replace keys; mail, purge, report and scan."
    subcommands = (
        making.SUBCOMMANDS | upkeep.SUBCOMMANDS | reports.SUBCOMMANDS | scanning.SUBCOMMANDS
    )
