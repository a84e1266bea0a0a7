"""Start-up check: the keys open what is stored encrypted.

It asks the database, so it runs with `check --database default`, in `migrate`, and when a server
starts (`refuse_to_start`), and not with every command.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from apikeys.migrated import has_column
from dynamic import encrypted
from dynamic.encrypted import Column

SAMPLE = 100  # the newest rows of each column: cheap, however much there is


@register(Tags.database, "dynamic")
def check_encryption(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    if "default" not in (databases or []):
        return []
    return [
        Error(
            f"No key opens {unopened} of the newest values in {column.name}.",
            hint="Put the key that encrypted them back into INTEGRATOR_ENCRYPTION_KEYS, after the "
            "current one; `manage.py encryption report` tells when it may go.",
            id="dynamic.E001",
        )
        for column in encrypted.columns()
        if has_column(column.model, column.field) and (unopened := _unopened(column))
    ]


def refuse_to_start() -> None:
    """Raise `ImproperlyConfigured` where a check of ours finds an error."""
    if found := run_checks(tags=["dynamic"], databases=["default"]):
        raise ImproperlyConfigured("\n".join(f"{error.msg} {error.hint}" for error in found))


def _unopened(column: Column) -> int:
    newest = column.rows().order_by("-pk").values_list("stored", flat=True)[:SAMPLE]
    return sum(encrypted.position(stored) < 0 for stored in newest)
