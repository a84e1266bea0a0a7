"""Start-up checks: a pepper or a signing key that live keys rest on is there.

They ask the database, so they run with `check --database default`, in `migrate`, and when a
server starts (`refuse_to_start`), and not with every command.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count

from apikeys.migrated import has_column
from apikeys.models import Key


@register(Tags.database, "apikeys")
def check_secrets(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    if "default" not in (databases or []) or not has_column(Key, "grace_ends_at"):
        return []
    return [*_check_peppers(), *_check_signing_keys()]


def refuse_to_start() -> None:
    """Raise `ImproperlyConfigured` where a check of ours finds an error."""
    if found := errors():
        raise ImproperlyConfigured("\n".join(found))


def errors() -> list[str]:
    """What these checks find, in sentences."""
    found = run_checks(tags=["apikeys"], databases=["default"])
    return [f"{error.msg} {error.hint}" for error in found]


def _check_peppers() -> list[CheckMessage]:
    return [
        Error(
            f"Pepper {version} is missing, and {_live(number, 'key')} on it.",
            hint="Put it back into INTEGRATOR_PEPPERS, beside the current one; "
            "`manage.py apikeys pepper-report` tells when it may go.",
            id="apikeys.E001",
        )
        for version, number in _resting("pepper")
        if version not in settings.PEPPERS.values
    ]


def _check_signing_keys() -> list[CheckMessage]:
    known = settings.JWT_KEYS.by_kid
    return [
        Error(
            f"The signing key {kid} is missing or retired, and {_live(number, 'JWT')} on it.",
            hint="Put it back into INTEGRATOR_JWT_KEYS as `verifying`; "
            "`manage.py apikeys kid-report` tells when it may go.",
            id="apikeys.E002",
        )
        for kid, number in _resting("kid")
        if kid and (kid not in known or known[kid].state == "retired")
    ]


def _live(number: int, word: str) -> str:
    return f"1 live {word} rests" if number == 1 else f"{number} live {word}s rest"


def _resting(field: str) -> list[tuple[Any, int]]:
    live = Key.objects.live().order_by().values(field).annotate(number=Count("pk"))
    return [(row[field], row["number"]) for row in live]
